"""`detector batch` as a user runs it."""

from __future__ import annotations

import gzip
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from warcs import response, zipped

from detector import Detector
from detector.batch.command import main
from detector.batch.journal import START, Journal
from detector.batch.progress import Progress
from detector.batch.records import ABOUT, FIELDS
from training.own import FOLDER, OwnPage

PAGE = str(FOLDER / "fr-article-presse.html")
SAID = "title,text,banners,warnings"


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "detector", "batch", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def records(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    data = gzip.decompress(data) if path.suffix == ".gz" else data
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def test_a_folder_gives_a_record_for_each_page(tmp_path: Path, shipped: Detector) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "b.html").write_text("<p>Second of the pages, as its name says.</p>")
    (tmp_path / "in" / "a.htm").write_text("<p>First of the pages, as its name says.</p>")
    (tmp_path / "in" / "deep" / "c.html").write_bytes(Path(PAGE).read_bytes())
    (tmp_path / "in" / "note.txt").write_text("no page")
    done = run(str(tmp_path / "in"), "-o", str(tmp_path / "out.jsonl"))
    assert done.returncode == 0
    assert done.stderr.startswith(b"3 pages, ")
    first, second, third = records(tmp_path / "out.jsonl")
    assert [Path(each["place"]).name for each in (first, second, third)] == [
        "a.htm",
        "b.html",
        "c.html",
    ]
    page = shipped.detect(Path(PAGE).read_bytes())
    assert third["text"] == page.text
    assert third["title"] == page.title
    assert third["banners"] == [banner.to_dict() for banner in page.banners]
    assert third["is_consent_wall"] is False
    assert third["bundle"].startswith("base ")
    assert third["seconds"] > 0
    assert third["warnings"] == first["warnings"] == []
    assert "error" not in third
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["out.jsonl"]


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_json_lines_in_and_out(tmp_path: Path, suffix: str) -> None:
    lines = [
        json.dumps({"html": "<title>One line, one page</title>", "url": "https://a.example/"}),
        "not json",
        "",
        json.dumps({"url": "https://b.example/\ud800"}),
        json.dumps(["<p>"]),
        json.dumps({"html": "<title>The last</title>"}),
    ]
    data = "\n".join(lines).encode()
    source = tmp_path / f"in{suffix}"
    source.write_bytes(gzip.compress(data) if suffix == ".jsonl.gz" else data)
    target = tmp_path / f"out{suffix}"
    assert main([str(source), "-o", str(target), "--fields", "url,title"]) == 0
    one, bad, bare, listed, last = records(target)
    assert one == {"url": "https://a.example/", "title": "One line, one page"}
    assert last == {"url": None, "title": "The last"}
    assert bad["error"]["kind"] == "BadLine"
    assert bad["place"] == f"{source}:2"
    assert (bare["url"], bare["place"]) == ("https://b.example/?", f"{source}:4")
    assert "named html" in listed["error"]["message"]


def test_cut_json_lines_give_what_can_be_read(tmp_path: Path) -> None:
    line = json.dumps({"html": "<p>A page that is long enough.</p>" + os.urandom(5000).hex()})
    source = tmp_path / "in.jsonl.gz"
    source.write_bytes(gzip.compress(f"{line}\n".encode() * 3)[:4000])
    assert main([str(source), "-o", str(tmp_path / "out.jsonl")]) == 0
    assert records(tmp_path / "out.jsonl")[-1]["error"]["kind"] == "BrokenArchive"


def test_a_list_on_standard_input(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    listed = f"{PAGE}\n\n{tmp_path}/missing.html\n{PAGE}\n"
    assert run("-", "-o", str(target), stdin=listed.encode()).returncode == 0
    first, missing, again = records(target)
    assert first["text"] == again["text"] != ""
    assert missing["error"]["kind"] == "FileNotFoundError"
    assert missing["place"] == f"{tmp_path}/missing.html"


def test_warc_charsets_and_counts(tmp_path: Path) -> None:
    pytest.importorskip("fastwarc", reason="WARC files need the extra detector[warc]")
    body = "<title>Страница в старой кодировке</title><p>Текст".encode("koi8-r")
    parts = [
        response("https://ru.example/", body, "text/html; charset=koi8-r"),
        response("https://ru.example/x.pdf", b"%PDF", "application/pdf"),
    ]
    source = tmp_path / "a.warc.gz"
    source.write_bytes(b"".join(zipped(parts)))
    done = run(str(source), "-o", str(tmp_path / "out.jsonl"), "--fields", "title,url,encoding")
    assert b"1 pages" in done.stderr
    assert b"1 records not HTML" in done.stderr
    assert records(tmp_path / "out.jsonl") == [
        {
            "title": "Страница в старой кодировке",
            "url": "https://ru.example/",
            "encoding": "koi8_r",
        }
    ]


def test_workers_change_nothing(tmp_path: Path) -> None:
    outputs = []
    for workers in ("1", "2"):
        target = tmp_path / f"{workers}.jsonl"
        arguments = [str(FOLDER), "-o", str(target), "--workers", workers, "--fields", SAID]
        assert main(arguments) == 0
        outputs.append(target.read_bytes())
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") == len(list(FOLDER.glob("*.html")))


def test_parquet_holds_what_json_lines_hold(tmp_path: Path) -> None:
    parquet = pytest.importorskip(
        "pyarrow.parquet", reason="Parquet needs the extra detector[parquet]"
    )
    fields = ",".join(name for name in (*ABOUT, *FIELDS) if name != "seconds")
    source = tmp_path / "in.jsonl"
    source.write_text("not json\n")
    inputs = [str(FOLDER), str(source)]
    assert main([*inputs, "-o", str(tmp_path / "out.parquet"), "--fields", fields]) == 0
    assert main([*inputs, "-o", str(tmp_path / "out.jsonl"), "--fields", fields]) == 0
    rows = parquet.read_table(tmp_path / "out.parquet").to_pylist()
    expected = [
        dict.fromkeys((*fields.split(","), "error")) | record
        for record in records(tmp_path / "out.jsonl")
    ]
    assert rows == expected
    assert rows[-1]["error"]["kind"] == "BadLine"
    assert not (tmp_path / "out.parquet.parts").exists()


def test_the_same_call_again_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.jsonl"
    assert main([PAGE, "-o", str(target)]) == 0
    before = target.read_bytes()
    assert main([PAGE, "-o", str(target)]) == 1
    assert "--resume" in capsys.readouterr().err
    assert main([PAGE, "-o", str(target), "--resume"]) == 0
    assert "is complete" in capsys.readouterr().err
    assert target.read_bytes() == before


def test_another_batch_is_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("")
    (tmp_path / "out.jsonl.journal").write_text('{"inputs": ["other"]}\n')
    assert main([PAGE, "-o", str(target), "--resume"]) == 1
    assert "begun as another batch: other inputs" in capsys.readouterr().err


def test_one_output_has_one_writer(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    journal = Journal.open(target, {}, resume=False)
    assert journal is not None
    assert journal.checkpoint == START
    done = run(PAGE, "-o", str(target), "--resume")
    journal.close(remove=True)
    assert done.returncode == 1
    assert b"being written by another process" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["no-such-file.warc", "-o", "out.jsonl"], 1, "no-such-file.warc"),
        ([PAGE, "-o", "no/such/folder/out.jsonl"], 1, "no/such/folder"),
        ([PAGE, "-o", "out.jsonl", "--model", "no-such-bundle"], 1, "no-such-bundle"),
        ([PAGE, "-o", "out.csv"], 2, ".parquet"),
        ([PAGE, "-o", "out.jsonl", "--fields", "text,colour"], 2, "'colour'"),
        ([PAGE, "-o", "out.jsonl", "--workers", "0"], 2, "at least 1"),
        ([PAGE], 2, "-o"),
    ],
)
def test_wrong_use_is_said_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        found = main(arguments)
    except SystemExit as exit_:
        found = int(str(exit_.code))
    assert found == status
    error = capsys.readouterr().err
    assert said in error
    if status == 1:
        assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "source", "target", "extra"),
    [
        ("fastwarc", "in.warc", "out.jsonl", "detector[warc]"),
        ("pyarrow", "in.jsonl", "out.parquet", "detector[parquet]"),
    ],
)
def test_a_missing_extra_is_named_and_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    module: str,
    source: str,
    target: str,
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, f"{module}.warc", None)
    (tmp_path / source).write_bytes(b"")
    assert main([str(tmp_path / source), "-o", str(tmp_path / target)]) == 1
    assert extra in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == [source]


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    terminal, theirs = pty.openpty()
    command = [sys.executable, "-m", "detector", "batch", *[str(FOLDER)] * 10]  # takes a while
    process = subprocess.Popen([*command, "-o", str(tmp_path / "out.jsonl")], stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(terminal, 4096):
            seen += chunk
    except OSError:  # how a terminal without a writer ends
        pass
    assert process.wait() == 0
    os.close(terminal)
    assert b" pages/s, 0 errors, " in seen
    assert b" left" in seen


def test_time_left_is_reckoned_from_the_bytes() -> None:
    progress = Progress(total=1000)
    assert progress.left(1.0, 0) is None
    progress.count(failed=False, read=200)
    assert progress.left(10.0, 200) is None
    assert progress.left(10.0, 600) == 10.0


def test_a_file_called_batch_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "batch").write_bytes(Path(PAGE).read_bytes())
    command = [sys.executable, "-m", "detector", "./batch"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    assert "la halle accueille de nouveau son marché" in done.stdout.decode()


def test_a_page_that_kills_its_worker_is_one_record(
    tmp_path: Path, own: dict[str, OwnPage], monkeypatch: pytest.MonkeyPatch
) -> None:
    detect = Detector.detect

    def deadly(self: Detector, html: Any, **options: Any) -> Any:
        if b"deadly" in html:
            os._exit(1)
        return detect(self, html, **options)

    monkeypatch.setattr(Detector, "detect", deadly)
    for number in range(12):
        word = "deadly" if number == 5 else "harmless"
        (tmp_path / f"{number:02}.html").write_text(f"<p>A page that is {word}, more or less.</p>")
    target = tmp_path / "out.jsonl"
    assert main([str(tmp_path), "-o", str(target), "--workers", "2"]) == 0
    kinds = [record.get("error", {}).get("kind") for record in records(target)]
    assert kinds == [None] * 5 + ["WorkerDied"] + [None] * 6
