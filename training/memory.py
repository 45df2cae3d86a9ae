"""The most memory that a process has held."""

from __future__ import annotations

import resource
from pathlib import Path


def peak_kib() -> int:
    """Peak of this process's resident memory, in KiB."""
    # Not getrusage's: that starts with the peak of the process that started this one.
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
