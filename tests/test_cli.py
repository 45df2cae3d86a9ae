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
    assert capsys.readouterr().out == f"detector {detector.__version__} ({description()})\n"
