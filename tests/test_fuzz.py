"""A short pass of the fuzzer; `tests/fuzz.py` says how to run a long one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from detector import compiled

RUNS = {"detect": 400, "core": 150, "text": 300, "report": 100, "warc": 1500, "bundle": 250}


@pytest.mark.parametrize(("target", "runs"), RUNS.items())
def test_nothing_escapes(tmp_path: Path, target: str, runs: int) -> None:
    pytest.importorskip("atheris", reason="fuzzing needs atheris: pip install atheris")
    pytest.importorskip("fastwarc", reason="WARC files need the extra detector[warc]")
    if target == "core" and not compiled.complete():
        pytest.skip("not everything is compiled here")
    script = Path(__file__).with_name("fuzz.py")
    root = str(script.parents[1])
    done = subprocess.run(
        [sys.executable, str(script), target, f"-runs={runs}", "-seed=5", "-timeout=300"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": root, "PATH": ""},
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "DONE" in done.stderr
    assert list(tmp_path.iterdir()) == []
