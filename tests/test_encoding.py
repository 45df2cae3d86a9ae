from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.encoding import PRESCAN_BYTES, codec_of, declared, decode

# https://encoding.spec.whatwg.org/#names-and-labels: encoding, our codec, labels.
WHATWG = [
    ("utf-8", "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"),
    ("cp866", "866 cp866 csibm866 ibm866"),
    (
        "iso8859-2",
        "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    ),
    (
        "iso8859-3",
        "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    ),
    (
        "iso8859-4",
        "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    ),
    (
        "iso8859-5",
        "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 "
        "iso_8859-5:1988",
    ),
    (
        "iso8859-6",
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e "
        "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
    ),
    (
        "iso8859-7",
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 "
        "iso_8859-7 iso_8859-7:1987 sun_eu_greek",
    ),
    (
        "iso8859-8",
        "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 "
        "iso_8859-8 iso_8859-8:1988 visual csiso88598i iso-8859-8-i logical",
    ),
    ("iso8859-10", "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"),
    ("iso8859-13", "iso-8859-13 iso8859-13 iso885913"),
    ("iso8859-14", "iso-8859-14 iso8859-14 iso885914"),
    ("iso8859-15", "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"),
    ("iso8859-16", "iso-8859-16"),
    ("koi8_r", "cskoi8r koi koi8 koi8-r koi8_r"),
    ("koi8_u", "koi8-ru koi8-u"),
    ("mac_roman", "csmacintosh mac macintosh x-mac-roman"),
    ("cp874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"),
    ("cp1250", "cp1250 windows-1250 x-cp1250"),
    ("cp1251", "cp1251 windows-1251 x-cp1251"),
    (
        "cp1252",
        "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 "
        "iso88591 iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252",
    ),
    ("cp1253", "cp1253 windows-1253 x-cp1253"),
    (
        "cp1254",
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 "
        "latin5 windows-1254 x-cp1254",
    ),
    ("cp1255", "cp1255 windows-1255 x-cp1255"),
    ("cp1256", "cp1256 windows-1256 x-cp1256"),
    ("cp1257", "cp1257 windows-1257 x-cp1257"),
    ("cp1258", "cp1258 windows-1258 x-cp1258"),
    ("mac_cyrillic", "x-mac-cyrillic x-mac-ukrainian"),
    (
        "gb18030",
        "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030",
    ),
    ("big5hkscs", "big5 big5-hkscs cn-big5 csbig5 x-x-big5"),
    ("euc_jp", "cseucpkdfmtjapanese euc-jp x-euc-jp"),
    ("iso2022_jp", "csiso2022jp iso-2022-jp"),
    ("cp932", "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"),
    (
        "cp949",
        "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 "
        "ksc_5601 windows-949",
    ),
    ("utf-16-be", "unicodefffe utf-16be"),
    ("utf-16-le", "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"),
    ("cp1252", "x-user-defined"),
]
CODECS = sorted({codec for codec, _ in WHATWG})


@pytest.mark.parametrize(("codec", "labels"), WHATWG)
def test_every_label_of_the_standard(codec: str, labels: str) -> None:
    assert {label: codec_of(label) for label in labels.split()} == dict.fromkeys(
        labels.split(), codec
    )


@pytest.mark.parametrize("label", [" ISO-8859-1\n", "Latin1", "latin-1", "ISO_8859-1:1987"])
def test_labels_in_any_case_and_spelling(label: str) -> None:
    assert codec_of(label) == "cp1252"


@pytest.mark.parametrize("codec", CODECS)
def test_codecs_of_python_by_their_own_names(codec: str) -> None:
    assert codec_of(codec) == codec
    assert codec_of(codec.replace("_", "-").upper()) == codec


@pytest.mark.parametrize(
    "label",
    [
        *("", " ", "utf-9", "none", "\0", "ü", "x" * 100_000),
        # What Python would decode but a browser does not.
        *("utf-7", "utf-32", "unicode_escape", "raw_unicode_escape", "base64", "rot13", "idna"),
        *("punycode", "undefined", "mbcs", "cp037", "cp500", "aliases"),
        # The standard's "replacement" encoding: as good as unreadable.
        *("csiso2022kr", "hz-gb-2312", "iso-2022-cn", "iso-2022-kr", "replacement"),
    ],
)
def test_unknown_and_refused_labels(label: str) -> None:
    assert codec_of(label) is None


@pytest.mark.parametrize("codec", CODECS)
def test_no_codec_fails_on_any_byte(codec: str) -> None:
    text, used = decode(bytes(range(256)) * 3 + b"\xff", codec)
    assert used == codec
    assert text


DECLARED = [
    (b'<meta charset="windows-1251">', "cp1251"),
    (b"<META CHARSET=windows-1251>", "cp1251"),
    (b"<meta charset='windows-1251'/>", "cp1251"),
    (b"<meta/charset=windows-1251>", "cp1251"),
    (b'<meta name="x"\n charset = "windows-1251" >', "cp1251"),
    (b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "cp1251"),
    (b"<meta content='text/html;charset=windows-1251;x' http-equiv=content-type>", "cp1251"),
    (b'<?xml version="1.0" encoding="windows-1251"?><html>', "cp1251"),
    (b'<?xml encoding="koi8-r"?><meta charset=windows-1251>', "cp1251"),
    (b'<meta charset="utf-16">', "utf-8"),
    (b'<meta charset="utf16">', "utf-8"),
    (b'<meta charset="UTF-16BE">', "utf-8"),
    (b'<?xml encoding="utf-16"?>', "utf-8"),
    (b'<meta charset="gb2312">', "gb18030"),
    (b'<meta charset="x-user-defined">', "cp1252"),
    # The first declaration that names an encoding counts, and none in a comment.
    (b'<meta charset=""><meta charset="nonsense"><meta charset="koi8-r">', "koi8_r"),
    (b'<meta charset="koi8-r"><meta charset="windows-1251">', "koi8_r"),
    (b'<!-- <meta charset="koi8-r"> --><meta charset="windows-1251">', "cp1251"),
    (b'<!--><meta charset="koi8-r">', "koi8_r"),
    (b'<!-- <meta charset="koi8-r">', None),
    (b'<meta name="viewport" content="width=device-width">', None),
    (b'<metacharset="koi8-r">', None),
    (b"<p>charset=koi8-r</p>", None),
    (b"", None),
]


@pytest.mark.parametrize(("head", "codec"), DECLARED)
def test_declared(head: bytes, codec: str | None) -> None:
    assert declared(head) == codec


META = b'<meta charset="windows-1251">'
CYRILLIC = "Съешь ещё этих мягких булок"

ORDER = [
    # name, data, transport, text, codec
    ("bom first", codecs.BOM_UTF8 + META + "é".encode(), "cp1252", META.decode() + "é", "utf-8"),
    ("bom utf-16-le", codecs.BOM_UTF16_LE + "é".encode("utf-16-le"), "cp1252", "é", "utf-16-le"),
    ("bom utf-16-be", codecs.BOM_UTF16_BE + "é".encode("utf-16-be"), None, "é", "utf-16-be"),
    (
        "transport before meta",
        META + CYRILLIC.encode("koi8-r"),
        "koi8_r",
        META.decode() + CYRILLIC,
        "koi8_r",
    ),
    ("meta", META + CYRILLIC.encode("cp1251"), None, META.decode() + CYRILLIC, "cp1251"),
    ("meta before utf-8", META + b"\xc3\xa9", None, META.decode() + "Г©", "cp1251"),
    ("utf-8", "Füße".encode(), None, "Füße", "utf-8"),
    ("windows-1252", b"F\xfc\xdfe \x80 \x93", None, "Füße € “", "cp1252"),
    ("not quite utf-8", "Füße".encode() + b"\xff", None, "FÃ¼ÃŸeÿ", "cp1252"),
    ("utf-16 without a mark", "hé".encode("utf-16-le"), "utf-16-le", "hé", "utf-16-le"),
    ("broken bytes", b"a\xffb", "utf-8", "a\ufffdb", "utf-8"),
    ("half a character", "é".encode("utf-16-le")[:1], "utf-16-le", "\ufffd", "utf-16-le"),
    ("nothing", b"", None, "", "utf-8"),
]


@pytest.mark.parametrize(
    ("data", "transport", "text", "codec"),
    [row[1:] for row in ORDER],
    ids=[row[0] for row in ORDER],
)
def test_order(data: bytes, transport: str | None, text: str, codec: str) -> None:
    assert decode(data, transport) == (text, codec)


def test_the_prescan_ends() -> None:
    late = b" " * PRESCAN_BYTES + META + b"\xe9"
    assert decode(late)[1] == "cp1252"
    assert decode(b" " * (PRESCAN_BYTES - len(META)) + META + b"\xe9")[1] == "cp1251"


@given(st.binary(max_size=200), st.sampled_from([None, *CODECS]))
def test_any_bytes_are_decoded(data: bytes, transport: str | None) -> None:
    text, codec = decode(data, transport)
    assert codec in CODECS
    assert isinstance(text, str)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<\ufeff")))
def test_utf_8_without_a_declaration(text: str) -> None:
    assert decode(text.encode()) == (text, "utf-8")
