"""The rows of the lexicon: `consent/<language>.tsv`, one term a line.

Columns: role, strength, term, source. `load_rows` reads no more than the files, and makes columns
of them when they are asked for; `load_terms` makes objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

from detector.lazy import cached_property

Strength = Literal["strong", "weak", "label"]

ROLES = (
    "topic",
    "purpose",
    "accept_all",
    "reject_all",
    "save",
    "settings",
    "close",
    "info_link",
    "law",
)
# From the best evidence to the poorest.
STRENGTHS: tuple[Strength, ...] = get_args(Strength)

_HEADER = b"role\tstrength\tterm\tsource"


class Term(NamedTuple):
    """A term of the lexicon.

    text: a word or short phrase; a word that ends in `*` is a stem and takes any ending.
    strength: "strong" says consent by itself; "weak" also stands in ordinary text; "label"
        counts only as the whole text of a control.
    languages: ISO 639 codes ("und" for none in particular), sorted.
    source: "own", or the public fact that the term was taken from.
    """

    role: str
    text: str
    strength: Strength
    languages: tuple[str, ...]
    source: str


class Rows:
    """The lexicon as columns of equal length; one language a row.

    body: the lines of the files, without headers. languages: of each line.
    """

    def __init__(self, body: bytes, languages: list[str]) -> None:
        self.body, self.languages = body, languages

    def __len__(self) -> int:
        return len(self.languages)

    @classmethod
    def of(cls, terms: Iterable[Term]) -> Rows:
        """Rows of terms, one for each language. ValueError for one with a line feed or a tab."""
        lines, languages = [], []
        for term in terms:
            cells = (term.role, term.strength, term.text, term.source)
            if any(sign in cell for cell in cells for sign in "\t\n"):
                raise ValueError(f"a term with a line feed or a tab: {term.text!r}")
            for language in term.languages:
                lines.append("\t".join(cells) + "\n")
                languages.append(language)
        return cls("".join(lines).encode(), languages)

    @cached_property
    def _cells(self) -> list[str]:
        return self.body.decode().replace("\n", "\t").split("\t")

    @cached_property
    def roles(self) -> list[str]:
        """Those of `ROLES`."""
        return self._cells[0:-1:4]

    @cached_property
    def strengths(self) -> list[Strength]:
        """Those of `STRENGTHS`."""
        return cast("list[Strength]", self._cells[1::4])

    @cached_property
    def texts(self) -> list[str]:
        """The terms."""
        return self._cells[2::4]

    @cached_property
    def sources(self) -> list[str]:
        """As `Term.source`."""
        return self._cells[3::4]


def load_rows(directory: Path | None = None) -> Rows:
    """Every row of every language, by language, in file order.

    Raises ValueError for a file whose header is another or whose rows have other columns.
    """
    directory = directory or Path(__file__).with_name("consent")
    bodies: list[bytes] = []
    languages: list[str] = []
    for path in sorted(directory.glob("*.tsv")):
        header, _, body = path.read_bytes().partition(b"\n")
        lines = body.count(b"\n")
        if header != _HEADER or body.count(b"\t") != 3 * lines or body[-1:] != b"\n":
            raise ValueError(f"{path.name}: not a table of role, strength, term, source")
        bodies.append(body)
        languages += [path.stem] * lines
    return Rows(b"".join(bodies), languages)


def load_terms() -> tuple[Term, ...]:
    """Every row as a `Term` of one language."""
    rows = load_rows()
    columns = rows.roles, rows.strengths, rows.texts, rows.languages, rows.sources
    return tuple(
        Term(role, text, strength, (language,), source)
        for role, strength, text, language, source in zip(*columns, strict=True)
    )
