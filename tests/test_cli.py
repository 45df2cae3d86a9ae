"""The `detector` command as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import detector
from detector.cli import main
from detector.compiled import description
from training.own import FOLDER

PAGE = str(FOLDER / "fr-article-presse.html")


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "detector", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_text_is_printed() -> None:
    done = run(PAGE)
    assert done.returncode == 0
    assert done.stderr == b""
    assert "la halle accueille de nouveau son marché" in done.stdout.decode()
    assert "Tout accepter" not in done.stdout.decode()


def test_standard_input_gives_the_same() -> None:
    assert run("-", stdin=Path(PAGE).read_bytes()).stdout == run(PAGE).stdout


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([PAGE, "--format", "json", "--url", "https://a.example/"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["url"] == "https://a.example/"
    assert {"text", "label", "probability", "tag", "xpath", "css"} == set(record["blocks"][0])


def test_html(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([PAGE, "--format", "html"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("<!DOCTYPE html>")
    assert "<h2>" in out
    assert "<script" not in out


def test_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([PAGE, "--blocks"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("content") and "halle aux grains" in line for line in lines)
    assert any(line.startswith("consent") and "Tout accepter" in line for line in lines)
    assert "\x1b" not in "".join(lines)


def test_warnings_go_to_standard_error() -> None:
    done = run("-", stdin=b"%PDF-1.7")
    assert done.returncode == 0
    assert done.stdout == b""
    assert b"a PDF" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["no-such-page.html"], 1, b"no-such-page.html"),
        ([str(FOLDER)], 1, b"directory"),
        ([PAGE, "--model", "no-such-bundle"], 1, b"no-such-bundle"),
        ([PAGE, "--mode", "wild"], 2, b"--mode"),
        ([], 2, b"PAGE"),
    ],
)
def test_wrong_input_is_said_and_fails(arguments: list[str], status: int, said: bytes) -> None:
    done = run(*arguments)
    assert done.returncode == status
    assert said in done.stderr
    assert b"Traceback" not in done.stderr
    if status == 1:
        assert done.stderr.count(b"\n") == 1


def test_version_says_what_is_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    said = " ".join(capsys.readouterr().out.split())  # argparse breaks lines
    assert said == f"detector {detector.__version__} ({description()})"


ARTICLE = Path(__file__).parent / "text_articles" / "fr-pont.txt"


@pytest.fixture
def extracted(tmp_path: Path) -> Path:
    """An article as an extractor may leave it, in a file."""
    lines = ARTICLE.read_text("utf-8").splitlines()
    path = tmp_path / "article.txt"
    path.write_text("\n\n".join(line[2:] for line in lines), "utf-8")
    return path


def test_extracted_text_is_cleaned(extracted: Path) -> None:
    done = run("--text", str(extracted))
    lines = ARTICLE.read_text("utf-8").splitlines()
    content = "\n\n".join(line[2:] for line in lines if line.startswith("+"))
    assert done.returncode == 0
    assert done.stderr == b""
    assert done.stdout.decode() == content + "\n"
    assert run("--text", "-", stdin=extracted.read_bytes()).stdout == done.stdout


def test_extracted_text_as_blocks_and_json(
    extracted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--text", str(extracted), "--blocks"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[1].startswith("content")
    assert shown[-1].startswith("consent")
    assert main(["--text", str(extracted), "--format", "json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert len(record["blocks"]) == len(shown)
    assert len(record["banners"]) == 1


def test_extracted_text_may_be_in_another_encoding(
    extracted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--text", str(extracted)]) == 0
    expected = capsys.readouterr().out
    extracted.write_bytes(extracted.read_text("utf-8").encode("utf-16"))
    assert main(["--text", str(extracted)]) == 0
    assert capsys.readouterr().out == expected
    assert main(["--text", str(extracted), "--encoding", "utf-9"]) == 1
    assert capsys.readouterr().err == "detector: unknown encoding 'utf-9'\n"


def test_options_of_pages_are_refused_for_text(capsys: pytest.CaptureFixture[str]) -> None:
    for option in (["--url", "https://a.example/"], ["--mode", "recall"], ["--report", "r.html"]):
        with pytest.raises(SystemExit):
            main(["--text", "x", *option])
        assert "not of --text" in capsys.readouterr().err
