"""What names of elements say of consent: words in class and id, platforms' facts, roles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.compiled import CONSENT
from detector.consent.platforms import Fact, facts_in, index
from detector.lazy import regex

_BETWEEN: Final = "\0\0"

# A substring that every name of `_NAMED` has: the cheap test before the dear one.
_HINTS: Final = (
    "cookie", "consent", "gdpr", "rgpd", "dsgvo", "lgpd", "ccpa", "cnil", "privacy", "rodo",
    "datenschutz", "cc-", "cc_", "cmp-", "cmp_", "cmpb", "cmpw",
)  # fmt: skip

# Words of consent UI in class and id names. Own compilation from the training pages' names; names
# of platforms are not here but among the lexicon's facts. Every alternative begins with a letter,
# and looks back for the edge of a word only behind it: `re` skips all places with other letters.
_NAMED: Final = regex(
    r"cookie|consent|gdpr|rgpd|dsgvo|lgpd|ccpa|cnil|eprivacy|rodo(?<=\brodo)\b"
    r"|cmp(?<=\bcmp)[-_]?(?:box|wrapper|banner|root|container|modal|popup)"
    r"|cc(?<=\bcc)[-_](?:window|banner|revoke|container|main|message|bar|modal)"
    r"|privacy[-_]?(?:banner|notice|popup|bar|manager|settings?|overlay|modal|prompt|alert|warning"
    r"|cent(?:er|re)|choices|preferences)|datenschutz[-_]?(?:banner|hinweis)"
)
_STRONG: Final = regex(
    r"cookies?[-_ ]?(?:banner|bar|notice|notification|popup|modal|message|law|info|overlay|dialog"
    r"|box|policy|consent|alert|disclaimer|warning|wrapper|container|panel|layer|hint|hinweis"
    r"|prompt|toast|settings?|preferences?|manager|control|confirm|accept|agree|choices|wall)"
    r"|(?:accept|allow|manage|eu|gdpr|js|site|use|about)[-_ ]?cookies?|gdpr"
    r"|cc[-_](?:window|banner|revoke)|consent[-_ ]?(?:banner|bar|modal|popup|notice|manager"
    r"|overlay|dialog|layer|prompt|tool|wall|bump)"
)
# Names that hold such a word and mean something else.
_TRAPS: Final = regex(
    r"not?-?cookied?|cookies?-not-set|cookies?[-_](?:disabled|enabled)|comment-form-cookies[-_\w]*"
    r"|wp-comment-cookies[-_\w]*|shopify-buyer-consent[-_\w]*|akismet[-_\w]*|age[-_]?consent"
    r"|marketing[-_]?consent|newsletter[-_]?consent|email[-_]?consent|sms[-_]?consent"
    r"|cookie[-_]?(?:recipe|cutter|dough)[-_\w]*"
    r"|fortune-?cookie|youtube-nocookie|has-cookies|privacy-policy-(?:link|text)"
)
_DIALOG_ROLES: Final = ("alertdialog", "dialog", "alert")
_CONTROL_ROLES: Final = ("button", "link", "switch")
_CONTROL_WORDS: Final = (
    "btn", "button", "accept", "agree", "reject", "decline", "deny", "dismiss", "close", "btns",
)  # fmt: skip
_ROLE: Final = "\0r "  # before the value of a role attribute
_DIALOG: Final = regex(rf"{_ROLE}(?:{'|'.join(_DIALOG_ROLES)})\b")
_CONTROL: Final = regex(
    rf"{_ROLE}(?:{'|'.join(_CONTROL_ROLES)})\b"
    rf"|(?:\b|_|\d)(?:{'|'.join(_CONTROL_WORDS)})(?:\b|[-_])",
    re.IGNORECASE,
)


class NameEvidence(NamedTuple):
    """What the entries of `BlockTable.name_strings` say.

    Attributes:
        named: (names,) 0, 1 for a consent word, 2 for one that speaks of a user interface.
        facts: what the platforms' facts say of the entries that they know.
        controls: (names,) which are those of something to click.
        dialogs: (names,) which have a dialog role.
    """

    named: npt.NDArray[np.int64]
    facts: dict[int, tuple[Fact, ...]]
    controls: npt.NDArray[np.bool_]
    dialogs: npt.NDArray[np.bool_]


def read_names(name_strings: Sequence[str]) -> NameEvidence:
    """Evidence of all names of a page.

    >>> read_names(["", "\\0i cookie-banner", "\\0c comment-form-cookies-consent"]).named
    array([0, 2, 0])
    """
    count = len(name_strings)
    controls, dialogs = np.zeros(count, bool), np.zeros(count, bool)
    if CONSENT is None:
        hinted = holding(name_strings, _HINTS)
        known = _with_facts(name_strings)
        others = holding(name_strings, (*_CONTROL_WORDS, _ROLE))
    else:
        hinted, known, others = _reader().read(
            list(name_strings), controls.view(np.uint8), dialogs.view(np.uint8)
        )
        if others:  # other than ASCII
            hinted, known = sorted(hinted + others), sorted(known + others)
    for number in others:
        controls[number] = _CONTROL.search(name_strings[number]) is not None
        dialogs[number] = _DIALOG.search(name_strings[number]) is not None
    named = np.zeros(count, np.int64)
    for number in hinted:
        names = name_strings[number].lower()
        if _NAMED.search(names) and _NAMED.search(names := _TRAPS.sub("", names)):
            named[number] = 2 if _STRONG.search(names) else 1
    facts = {number: here for number in known if (here := facts_in(name_strings[number]))}
    return NameEvidence(named, facts, controls, dialogs)


@cache
def _reader() -> Any:
    """What the compiled code looks for."""
    assert CONSENT is not None
    facts = index()
    return CONSENT.Names(
        hints=_HINTS,
        controls=_CONTROL_WORDS,
        wholes=[kind[0] + name for kind, name in facts.whole],
        prefixes=[kind[0] + prefix for kind, prefix, _ in facts.prefixes],
        control_roles=_CONTROL_ROLES,
        dialog_roles=_DIALOG_ROLES,
    )


def _with_facts(name_strings: Sequence[str]) -> list[int]:
    """Numbers of the entries that may hold a platform's fact, found in all of them at once."""
    facts = index()
    joined = " ".join(name_strings)
    hints = facts.names.intersection(joined.replace("\0", " ").split())
    hints |= {prefix for _, prefix, _ in facts.prefixes if prefix in joined}
    return holding(name_strings, map(str.lower, hints))


def holding(name_strings: Sequence[str], hints: Iterable[str]) -> list[int]:
    """Numbers of the entries that hold one of the hints, in any case: substring searches over
    all of them at once."""
    # No entry holds two NULs in a row, or ends with one.
    joined = _BETWEEN.join(name_strings).lower()
    places: list[int] = []
    for hint in hints:
        at = joined.find(hint)
        while at >= 0:
            places.append(at)
            at = joined.find(_BETWEEN, at + 1)  # another in the same entry says nothing new
            at = joined.find(hint, at) if at >= 0 else -1
    found: list[int] = []
    number = last = 0
    for place in sorted(places):
        number += joined.count(_BETWEEN, last, place)
        last = place
        if not found or found[-1] != number:
            found.append(number)
    return found
