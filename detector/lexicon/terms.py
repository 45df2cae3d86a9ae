"""The rows of the lexicon: `consent/<language>.tsv`, one term a line.

Columns: role, strength, term, source. Read by `load_rows` as columns, which costs a hundredth
of what an object a row would; `load_terms` makes the objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

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


@dataclass(frozen=True, slots=True)
class Term:
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


class Rows(NamedTuple):
    """The lexicon as columns of equal length; one language a row."""

    roles: list[str]
    strengths: list[Strength]
    texts: list[str]
    languages: list[str]
    sources: list[str]


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
    cells = b"".join(bodies).decode("utf-8").replace("\n", "\t").split("\t")
    strengths = cast("list[Strength]", cells[1::4])
    return Rows(cells[0:-1:4], strengths, cells[2::4], languages, cells[3::4])


def load_terms() -> tuple[Term, ...]:
    """Every row as a `Term` of one language."""
    return tuple(
        Term(role, text, strength, (language,), source)
        for role, strength, text, language, source in zip(*load_rows(), strict=True)
    )
