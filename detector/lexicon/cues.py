"""How promotions begin: "Read also: ...", "Follow us on ...", in the languages of `cues.tsv`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

ROLES: Final = ("", "read_also", "follow")
"""What a cue announces: nothing; other pages of the site; something to do, such as to subscribe."""

_FILE: Final = Path(__file__).parent / "cues.tsv"
LEADING: Final = " \t\r\n\u2028\xa0»›>►▶▸•·–—-→*|[(«\"'"
"""Characters that a cue may stand behind."""
_NOT_WORDS: Final = re.compile(r"[^\w]+")  # terms are written without punctuation
_KEY: Final = 2  # characters by which terms are looked up; every term has as many


class Cues:
    """Terms that lines begin with, by their first characters."""

    def __init__(self, terms: dict[str, int]) -> None:
        self.terms = tuple(terms)
        self.by_start: dict[str, list[tuple[str, int]]] = {}
        for term, role in sorted(terms.items(), key=lambda item: -len(item[0])):
            self.by_start.setdefault(term[:_KEY], []).append((term, role))

    def role_of(self, text: str) -> int:
        """Number in `ROLES` of the cue that a text begins with, white space and case aside."""
        text = text.lstrip(LEADING)
        terms = self.by_start.get(text[:_KEY].casefold())
        if terms is None:
            return 0
        start = " ".join(_NOT_WORDS.sub(" ", text[:80].casefold()).split())
        for term, role in terms:
            if start.startswith(term):
                after = start[len(term) : len(term) + 1]
                # no cue inside a word, but for scripts that part none
                if not after.isalpha() or ord(after) > 0x2E80 or ord(term[-1]) > 0x2E80:
                    return role
        return 0


@cache
def load_cues() -> Cues:
    """The cues of all languages, read when first asked for."""
    terms: dict[str, int] = {}
    for line in _FILE.read_text("utf-8").splitlines()[1:]:
        _, role, term = line.split("\t")
        terms.setdefault(" ".join(term.casefold().split()), ROLES.index(role))
    return Cues(terms)
