"""Reading WARC files: charsets, codings, what is no page, and archives that are broken."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path

import pytest

pytest.importorskip("fastwarc", reason="WARC files need the extra detector[warc]")

from warcs import record, response, zipped

from detector.batch.items import Fault, Item
from detector.batch.warc import Skipped, read_warc


def read(data: bytes, folder: Path) -> tuple[list[Item], int]:
    path = folder / "some.warc"
    path.write_bytes(data)
    skipped = Skipped()
    return list(read_warc(path, "some.warc", skipped)), skipped.count


def page(number: int) -> bytes:
    letters = random.Random(number).choices(b"abcdef <>/p", k=3000)
    return b"<p>" + bytes(letters)


RECORDS = [response(f"https://a.example/{number}", page(number)) for number in range(5)]
MEMBERS = zipped(RECORDS)
STARTS = {  # of each record, in the plain and in the gzipped archive
    False: [sum(map(len, RECORDS[:number])) for number in range(6)],
    True: [sum(map(len, MEMBERS[:number])) for number in range(6)],
}


@pytest.mark.parametrize("gzipped", [False, True])
def test_pages_come_with_address_charset_and_place(tmp_path: Path, gzipped: bool) -> None:
    items, skipped = read(b"".join(MEMBERS if gzipped else RECORDS), tmp_path)
    assert skipped == 0
    assert [item.page for item in items] == [page(number) for number in range(5)]
    assert [item.url for item in items] == [f"https://a.example/{number}" for number in range(5)]
    assert [item.place for item in items] == [f"some.warc@{at}" for at in STARTS[gzipped][:5]]
    assert {item.encoding for item in items} == {"utf-8"}


def test_an_archive_that_is_one_gzip_member(tmp_path: Path) -> None:
    items, _ = read(gzip.compress(b"".join(RECORDS)), tmp_path)
    assert [item.page for item in items] == [page(number) for number in range(5)]
    assert [item.place for item in items][1:] == [f"some.warc#{number}" for number in range(1, 5)]


@pytest.mark.parametrize(
    ("said", "charset"),
    [
        ("text/html", None),
        ("text/html; charset=ISO-8859-1", "iso-8859-1"),
        ('TEXT/HTML;Charset="windows-1251"', "windows-1251"),
        ("application/xhtml+xml; charset=utf-8", "utf-8"),
    ],
)
def test_the_http_header_gives_the_charset(tmp_path: Path, said: str, charset: str | None) -> None:
    (item,), _ = read(response("https://a.example/", b"<p>one</p>", said), tmp_path)
    assert item.encoding == charset


def test_what_is_not_html_is_skipped_and_counted(tmp_path: Path) -> None:
    url = "https://a.example/"
    data = [
        record(url, "warcinfo", "application/warc-fields", b"software: test\r\n"),
        record(url, "request", "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n"),
        response(url, b"%PDF-1.7", "application/pdf"),
        response(url, b"\x89PNG", ""),
        response(url, b"\n<p>said to be nothing</p>", ""),
        record(url, "resource", "text/html", b"<p>a resource</p>"),
        record(url, "resource", "image/gif", b"GIF89a"),
        record(url, "metadata", "application/warc-fields", b"fetchTimeMs: 7\r\n"),
    ]
    items, skipped = read(b"".join(data), tmp_path)
    assert [item.page for item in items] == [b"\n<p>said to be nothing</p>", b"<p>a resource</p>"]
    assert skipped == 3


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Encoding: gzip\r\n", gzip.compress(b"<p>body</p>")),
        ("Content-Encoding: deflate\r\n", zlib.compress(b"<p>body</p>")),
        ("Transfer-Encoding: chunked\r\n", b"5\r\n<p>bo\r\n6\r\ndy</p>\r\n0\r\n\r\n"),
        ("Content-Encoding: gzip\r\n", b"<p>body</p>"),
        ("Content-Encoding: br\r\nTransfer-Encoding: chunked\r\n", b"<p>body</p>"),
        ("Content-Encoding: of-its-own\r\n", b"<p>body</p>"),
    ],
    ids=["gzip", "deflate", "chunked", "not gzip", "neither", "unknown"],
)
def test_codings_are_undone_where_they_are_what_they_say(
    tmp_path: Path, headers: str, body: bytes
) -> None:
    data = response("https://a.example/", body, headers=headers) + RECORDS[0]
    items, _ = read(data, tmp_path)
    assert [item.page for item in items] == [b"<p>body</p>", page(0)]


@pytest.mark.parametrize("gzipped", [False, True])
def test_an_archive_cut_anywhere_gives_what_is_whole(tmp_path: Path, gzipped: bool) -> None:
    data, starts = b"".join(MEMBERS if gzipped else RECORDS), STARTS[gzipped]
    random_cuts = random.Random(5).sample(range(1, len(data)), 150)
    for cut in [*random_cuts, *(start + more for start in starts[1:5] for more in (1, 2, 5, 9))]:
        items, _ = read(data[:cut], tmp_path)
        whole = sum(start <= cut for start in starts[1:])
        assert [item.page for item in items[:whole]] == [page(number) for number in range(whole)]
        if cut in starts or (not gzipped and cut + 4 in starts):  # only the empty lines are gone
            continue
        *rest, fault = items[whole:]
        assert isinstance(fault.page, Fault), cut
        assert fault.page.kind == "BrokenArchive"
        assert "nothing more" in fault.page.message
        assert int(fault.place.partition("@")[2]) in (starts[whole], starts[max(whole - 1, 0)])
        # of a last record only the empty lines behind it are cut
        assert [item.page for item in rest] == ([page(whole)] if rest else [])


@pytest.mark.parametrize("gzipped", [False, True])
def test_damage_costs_the_record_that_it_is_in(tmp_path: Path, gzipped: bool) -> None:
    parts, starts = list(MEMBERS if gzipped else RECORDS), STARTS[gzipped]
    damaged = bytearray(parts[2])
    where = len(damaged) // 2 if gzipped else 3
    damaged[where : where + 4] = b"\0\0\0\0"
    parts[2] = bytes(damaged)
    items, _ = read(b"".join(parts), tmp_path)
    assert [item.page for item in items if isinstance(item.page, bytes)] == [
        page(number) for number in (0, 1, 3, 4)
    ]
    fault = items[2]
    assert isinstance(fault.page, Fault)
    assert fault.place == f"some.warc@{starts[2 if gzipped else 1]}"
    assert f"went on at {starts[3]}" in fault.page.message


def test_rubbish_between_records_is_passed_over(tmp_path: Path) -> None:
    for parts in (RECORDS, MEMBERS):
        items, _ = read(parts[0] + b"rubbish\n" * 50 + parts[1], tmp_path)
        assert [item.page for item in items[::2]] == [page(0), page(1)]
        assert isinstance(items[1].page, Fault)
        assert items[1].place == "some.warc@0"
        assert "after this record" in items[1].page.message


def test_a_length_that_lies_hides_nothing_behind_it(tmp_path: Path) -> None:
    lying = RECORDS[0].replace(b"Content-Length: ", b"Content-Length: 9")
    items, _ = read(lying + RECORDS[1], tmp_path)
    assert isinstance(items[0].page, Fault)
    assert items[0].url == "https://a.example/0"
    assert items[1].page == page(1)


def test_an_archive_of_nothing_but_breaks_is_given_up(tmp_path: Path) -> None:
    items, _ = read(b"WARC/1.0\r\nContent-Length: 99999999\r\n\r\n" * 5000, tmp_path)
    assert len(items) == 100
    assert all(isinstance(item.page, Fault) for item in items)


@pytest.mark.parametrize("data", [b"no archive at all\n" * 9, b"\x1f\x8b\x08", b"\0" * 500])
def test_what_is_no_archive_is_a_fault(tmp_path: Path, data: bytes) -> None:
    items, _ = read(data, tmp_path)
    assert [type(item.page) for item in items] == [Fault]
