"""What is imported when: a short run pays for what it uses and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import detector
from detector import compiled

ROOT = Path(__file__).parents[1]


def imported(code: str) -> set[str]:
    """The modules that a new interpreter holds after `code`, beyond those that it began with."""
    code = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    return set(done.stdout.split())


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_import_alone_imports_next_to_nothing() -> None:
    found = imported("import detector")
    assert "detector" in found
    assert not {name for name in found if name.startswith("detector.")}
    assert not packages(found) & {"numpy", "lxml", "lightgbm", "multiprocessing", "json"}


@pytest.mark.skipif(not compiled.complete(), reason="LightGBM predicts where nothing is compiled")
def test_detection_imports_what_it_needs() -> None:
    found = imported("import detector\ndetector.detect('<p>Some words of a page.</p>').text")
    assert {"numpy", "lxml"} <= packages(found)
    unneeded = {"lightgbm", "multiprocessing", "concurrent", "argparse", "subprocess", "pyarrow"}
    assert not packages(found) & unneeded
    assert not {name for name in found if name.startswith("detector.batch")}
    asked_for = {"reasons", "report", "markup", "text.page", "consent.banner"}
    assert not found & {f"detector.{name}" for name in asked_for}
    dear = {"numpy.random", "numpy.ma", "numpy.strings", "secrets", "shutil", "html"}
    assert not (found - imported("import numpy, lxml.etree")) & dear


def test_public_names_are_all_there() -> None:
    assert set(detector.__all__) <= set(dir(detector))
    placed = {name for names in detector._PLACES.values() for name in names}
    assert placed == set(detector.__all__)
    for name in detector.__all__:
        assert getattr(detector, name).__module__.startswith("detector.")
    with pytest.raises(AttributeError, match="module 'detector' has no attribute 'no_such'"):
        getattr(detector, "no_such")  # noqa: B009


def test_the_command_starts_no_threads_that_it_does_not_need() -> None:
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, sys; sys.argv = ['detector', '--version']\n"
            "from detector.__main__ import main\n"
            "assert 'numpy' not in sys.modules\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])\n",
        ],
        env={name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.split()[-2:] == ["True", "1"]
