"""Bytes to text, in the order of the WHATWG Encoding and HTML standards.

Order: byte-order mark, the caller's (transport) label, a ``<meta>`` prescan, strict UTF-8, and
windows-1252 as the last resort. https://html.spec.whatwg.org/#determining-the-character-encoding
"""

from __future__ import annotations

import codecs
import re
from itertools import chain
from typing import Final

from detector.compiled import BYTES
from detector.lazy import regex

PRESCAN_BYTES: Final = 8192
"""How far a charset declaration is looked for. The standard's prescan stops at 1,024 bytes, but a
browser restarts with a charset that it meets later; one wider look does for both."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Python's codec <- labels of https://encoding.spec.whatwg.org/#names-and-labels, their punctuation
# left out. The list is closed: Python's own lookup reads labels otherwise than a browser does,
# knows codecs that no page may choose (utf-7, unicode-escape), and remembers each label for ever.
_LABELS: Final = {
    "utf-8": "unicode11utf8 unicode20utf8 utf8 xunicode20utf8",
    "cp866": "866 cp866 csibm866 ibm866",
    "iso8859-2": "csisolatin2 iso88592 iso885921987 isoir101 l2 latin2",
    "iso8859-3": "csisolatin3 iso88593 iso885931988 isoir109 l3 latin3",
    "iso8859-4": "csisolatin4 iso88594 iso885941988 isoir110 l4 latin4",
    "iso8859-5": "csisolatincyrillic cyrillic iso88595 iso885951988 isoir144",
    "iso8859-6": "arabic asmo708 csiso88596e csiso88596i csisolatinarabic ecma114 iso88596 "
    "iso88596e iso88596i iso885961987 isoir127",
    "iso8859-7": "csisolatingreek ecma118 elot928 greek greek8 iso88597 iso885971987 isoir126 "
    "suneugreek",
    "iso8859-8": "csiso88598e csiso88598i csisolatinhebrew hebrew iso88598 iso88598e iso88598i "
    "iso885981988 isoir138 logical visual",
    "iso8859-10": "csisolatin6 iso885910 isoir157 l6 latin6",
    "iso8859-13": "iso885913",
    "iso8859-14": "iso885914",
    "iso8859-15": "csisolatin9 iso885915 l9",
    "iso8859-16": "iso885916",
    "koi8_r": "cskoi8r koi koi8 koi8r",
    "koi8_u": "koi8ru koi8u",
    "mac_roman": "csmacintosh mac macintosh xmacroman",
    "mac_cyrillic": "xmaccyrillic xmacukrainian",
    "cp874": "dos874 iso885911 tis620 windows874",
    "cp1250": "windows1250 xcp1250",
    "cp1251": "windows1251 xcp1251",
    "cp1252": "ansix341968 ascii cp819 csisolatin1 ibm819 iso88591 iso885911987 isoir100 l1 latin1 "
    "usascii windows1252 xcp1252 xuserdefined",
    "cp1253": "windows1253 xcp1253",
    "cp1254": "csisolatin5 iso88599 iso885991989 isoir148 l5 latin5 windows1254 xcp1254",
    "cp1255": "windows1255 xcp1255",
    "cp1256": "windows1256 xcp1256",
    "cp1257": "windows1257 xcp1257",
    "cp1258": "windows1258 xcp1258",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb231280 gbk isoir58 xgbk",
    "big5hkscs": "big5 cnbig5 csbig5 xxbig5",
    "euc_jp": "cseucpkdfmtjapanese eucjp xeucjp",
    "iso2022_jp": "csiso2022jp iso2022jp",
    "cp932": "csshiftjis ms932 mskanji shiftjis sjis windows31j xsjis",
    "cp949": "cseuckr csksc56011987 euckr isoir149 korean ksc5601 ksc56011987 ksc56011989 "
    "windows949",
    "utf-16-be": "unicodefffe utf16be",
    "utf-16-le": "csunicode iso10646ucs2 ucs2 unicode unicodefeff utf16 utf16le",
}
_PUNCTUATION: Final = regex(r"[^a-z0-9]+")
_BY_LABEL: Final = {
    label: codec
    for codec, labels in _LABELS.items()
    for label in (*labels.split(), _PUNCTUATION.sub("", codec))
}

_COMMENT: Final = regex(rb"<!--(?:-?>|.*?(?:-->|$))", re.DOTALL)
_META: Final = regex(rb"<meta[\s/][^>]*?charset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", re.IGNORECASE)
_XML: Final = regex(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)[\"']")


def codec_of(label: str) -> str | None:
    """Python's codec for an encoding label as browsers read it, or None for an unknown one.

    Case and punctuation don't count, and Python's own names of these codecs are known too.

    >>> codec_of(" ISO-8859-1 "), codec_of("gb2312"), codec_of("utf-9")
    ('cp1252', 'gb18030', None)
    """
    return _BY_LABEL.get(_PUNCTUATION.sub("", label.lower()))


def declared(head: bytes) -> str | None:
    """The codec that the page's own first bytes declare, or None."""
    head = _COMMENT.sub(b"", head)
    found = chain(_META.finditer(head), _XML.finditer(head))  # no further than to the first known
    codec = next(filter(None, (codec_of(match[1].decode("latin-1")) for match in found)), None)
    # A declaration that could be read as ASCII can't be UTF-16: the standard reads it as UTF-8.
    return "utf-8" if codec in ("utf-16-le", "utf-16-be") else codec


def decode(data: bytes, transport: str | None = None) -> tuple[str, str]:
    """Decode a page. Never fails: what the encoding can't read becomes U+FFFD.

    Args:
        data: the page as crawled.
        transport: a codec name from `codec_of`, which a byte-order mark alone outranks.

    Returns:
        The text, and the name of the codec that was used.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(codec, "replace"), codec
    codec_name = transport or declared(data[:PRESCAN_BYTES])
    if codec_name is None:
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            codec_name = "cp1252"
    return data.decode(codec_name, "replace"), codec_name


def to_utf8(data: bytes, transport: str | None = None) -> tuple[bytes, str]:
    """A page in UTF-8 without fault, and the name of the codec that it was read with.

    Args:
        data, transport: as for `decode`.
    """
    marked = data.startswith(tuple(bom for bom, _ in _BOMS))
    if not marked:
        transport = transport or declared(data[:PRESCAN_BYTES])
        # What is sound needs no decoding, and so no second coding.
        if BYTES is not None and transport in (None, "utf-8") and BYTES.is_utf8(data):
            return data, "utf-8"
    text, codec = decode(data, transport)
    if codec == "utf-8" and not marked and "\ufffd" not in text:
        return data, codec
    return text.encode("utf-8", "replace"), codec
