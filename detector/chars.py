"""Character classes: what each character of a page's text counts as, for all of them at once."""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.compiled import TEXT

# A partition: each character is of one class. Scripts are told apart so that pages in scripts
# without spaces are measured by what they have, characters.
CLASSES: Final = (
    "space",
    "symbol",
    "digit",
    "lower",
    "upper",
    "terminal",
    "comma",
    "punctuation",
    "currency",
    "greek",
    "cyrillic",
    "semitic",
    "han",
    "kana",
    "hangul",
    "brahmic",
)
CODE: Final = {name: code for code, name in enumerate(CLASSES)}
N_CLASSES: Final = len(CLASSES)
SCRIPTS: Final = ("lower", "greek", "cyrillic", "semitic", "han", "kana", "hangul", "brahmic")

_TERMINAL: Final = ".!?…。！？｡؟۔।॥։។"
_COMMA: Final = ",;:،؛、，；：､"
_CURRENCY: Final = "$€£¥₹₽₩₺₴₪฿₫元円￥"
_RANGES: Final = (
    ("greek", 0x0370, 0x03FF),
    ("greek", 0x1F00, 0x1FFF),
    ("cyrillic", 0x0400, 0x052F),
    ("semitic", 0x0590, 0x08FF),
    ("semitic", 0xFB1D, 0xFEFC),
    ("brahmic", 0x0900, 0x0FFF),
    ("brahmic", 0x1000, 0x109F),
    ("brahmic", 0x1780, 0x17FF),
    ("kana", 0x3040, 0x30FF),
    ("kana", 0x31F0, 0x31FF),
    ("kana", 0xFF66, 0xFF9F),
    ("hangul", 0x1100, 0x11FF),
    ("hangul", 0x3130, 0x318F),
    ("hangul", 0xAC00, 0xD7AF),
    ("han", 0x3005, 0x3007),
    ("han", 0x3400, 0x4DBF),
    ("han", 0x4E00, 0x9FFF),
    ("han", 0xF900, 0xFAFF),
)

U8Array = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]


class Characters(NamedTuple):
    """What Unicode says of each of the 65,536 characters of the basic plane.

    Attributes:
        alnum, upper, title, decimal, space: as the methods of `str` tell it.
        lower: the lower case; of two characters, the first.
    """

    alnum: BoolArray
    upper: BoolArray
    title: BoolArray
    decimal: BoolArray
    space: BoolArray
    lower: npt.NDArray[np.uint16]


@functools.cache
def characters() -> Characters:
    """Those facts."""
    if TEXT is not None:
        alnum, upper, title, decimal, space = np.empty((5, 0x10000), bool)
        flags = alnum, upper, title, decimal, space
        lower = np.empty(0x10000, np.uint16)
        TEXT.characters(*(flag.view(np.uint8) for flag in flags), lower)
        return Characters(*flags, lower)
    codes = np.arange(0x10000, dtype="<u4")
    plane = codes.tobytes().decode("utf-32-le", "surrogatepass")
    # U+0130 is the one character of the plane whose lower case is two characters.
    lowered = plane.replace("\u0130", "i").lower().encode("utf-32-le", "surrogatepass")
    chars, of = codes.astype(np.uint32).view("U1"), np.strings
    lower = np.frombuffer(lowered, "<u4").astype(np.uint16)
    upper, title = of.isupper(chars), of.istitle(chars) & ~of.isupper(chars)
    return Characters(
        of.isalnum(chars), upper, title, of.isdecimal(chars), of.isspace(chars), lower
    )


@functools.cache
def tables() -> tuple[U8Array, U8Array]:
    """Class and word-ness of each of the 65,536 characters of the basic plane."""
    known = characters()
    alnum = known.alnum
    table = np.where(alnum, np.uint8(CODE["lower"]), np.uint8(CODE["symbol"]))
    table[0x21:0x7F][~alnum[0x21:0x7F]] = CODE["punctuation"]
    table[0x2010:0x2060] = CODE["punctuation"]
    table[known.upper] = CODE["upper"]
    for name, first, last in _RANGES:
        part = slice(first, last + 1)
        table[part][alnum[part]] = CODE[name]
    table[known.decimal] = CODE["digit"]
    table[known.space] = CODE["space"]
    for signs, name in ((_TERMINAL, "terminal"), (_COMMA, "comma"), (_CURRENCY, "currency")):
        table[[ord(char) for char in signs]] = CODE[name]
    word = alnum.astype(np.uint8)
    word[ord("_")] = 1
    # Of ideographs and kana every character is a word: there are no spaces to count.
    word[(table == CODE["han"]) | (table == CODE["kana"])] = 2
    return table, word


def code_points(text: str) -> npt.NDArray[np.uint32]:
    """The code points of a text, (n,); a lone surrogate counts as a question mark.

    >>> code_points("aé").tolist()
    [97, 233]
    """
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)


def classify(codes: npt.NDArray[np.uint32]) -> tuple[U8Array, BoolArray]:
    """Class of each character, and whether a word starts with it.

    Args:
        codes: code points, shape (n,).

    Returns:
        Codes into `CLASSES` (uint8, (n,)) and word starts (bool, (n,)). Words are maximal runs
        of letters, digits and underscores, but each ideograph or kana is a word of its own.
    """
    table, word_table = tables()
    basic = np.minimum(codes, 0xFFFF)
    classes = table[basic]
    words = word_table[basic]
    beyond = codes > 0xFFFF
    if beyond.any():
        han = beyond & (codes >= 0x20000) & (codes < 0x40000)
        classes[beyond] = CODE["symbol"]
        words[beyond] = 0
        classes[han] = CODE["han"]
        words[han] = 2
    starts = words == 2
    starts[:1] |= words[:1] == 1
    starts[1:] |= (words[1:] == 1) & (words[:-1] != 1)
    return classes, starts
