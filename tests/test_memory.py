"""Memory stays as it is, however many pages there are; docs/batch.md has a long run's figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PAGES = 1_000
SETTLED = 3
"""Tenths of the pages after which nothing is made for the first time any more."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("names", [(), ("names",)])
def test_memory_does_not_grow_with_the_pages(names: tuple[str, ...]) -> None:
    script = Path(__file__).with_name("memory.py")
    found = subprocess.run(
        [sys.executable, str(script), str(PAGES), *names],
        capture_output=True,
        check=True,
        env={"PYTHONPATH": str(script.parents[1])},
        text=True,
    )
    resident = [int(line.split()[1]) for line in found.stdout.splitlines()]
    assert len(resident) == 10
    assert max(resident[SETTLED:]) < 1.05 * resident[SETTLED - 1], resident
