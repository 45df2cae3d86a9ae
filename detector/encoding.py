"""Bytes to text, in the order of the WHATWG Encoding and HTML standards.

Order: byte-order mark, the caller's (transport) label, a ``<meta>`` prescan, strict UTF-8, and
windows-1252 as the last resort. https://html.spec.whatwg.org/#determining-the-character-encoding
"""

from __future__ import annotations

import codecs
import re
from typing import Final

PRESCAN_BYTES: Final = 8192
"""How far a charset declaration is looked for. The standard's prescan stops at 1,024 bytes, but a
browser restarts with a charset that it meets later; one wider look does for both."""

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Codec of ours <- labels of https://encoding.spec.whatwg.org/#names-and-labels. What Python's own
# lookup would read otherwise than a browser does, or not at all, stands here; the rest falls
# through to `codecs.lookup`.
_LABELS: Final = {
    "cp1252": "ansi_x3.4-1968 ascii cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 "
    "iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
    "cp1254": "csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 "
    "latin5 windows-1254 x-cp1254",
    "cp874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk "
    "gb18030",
    "cp932": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 "
    "ksc5601 ksc_5601 windows-949",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc_jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso8859-8": "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 visual "
    "csiso88598i iso-8859-8-i logical",
    "mac_roman": "csmacintosh mac macintosh x-mac-roman",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "koi8_u": "koi8-ru koi8-u",
    "koi8_r": "cskoi8r koi koi8 koi8-r koi8_r",
    "cp866": "866 cp866 csibm866 ibm866",
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
    "utf-16-be": "unicodefffe utf-16be",
    "latin-1": "x-user-defined",
}
_BY_LABEL: Final = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}

# Codecs of Python that are no character encodings, or that pages must not choose.
_REFUSED: Final = frozenset(
    [
        "utf-7",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "hz",
        "iso2022_kr",
        "cp037",
        "cp500",
        "cp1026",
        "cp1140",
        "mbcs",
        "oem",
    ]
)

_META: Final = re.compile(rb"<meta[\s/][^>]*?charset\s*=\s*[\"']?\s*([^\s\"'/>;]+)", re.IGNORECASE)
_XML: Final = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)[\"']")


def codec_of(label: str) -> str | None:
    """Python's codec for an encoding label as browsers read it, or None for an unknown one.

    >>> codec_of(" ISO-8859-1 "), codec_of("gb2312"), codec_of("utf-9")
    ('cp1252', 'gb18030', None)
    """
    label = label.strip().lower()
    if label in _BY_LABEL:
        return _BY_LABEL[label]
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    # CodecInfo keeps "is this text" private; base64 and rot13 are codecs too.
    if info.name in _REFUSED or not getattr(info, "_is_text_encoding", True):
        return None
    return info.name


def declared(head: bytes) -> str | None:
    """The codec that the page's own first bytes declare, or None."""
    match = _META.search(head) or _XML.search(head)
    if match is None:
        return None
    codec = codec_of(match[1].decode("latin-1"))
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
