"""`python -m detector`, and the `detector` command."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command; returns the exit status."""
    # numpy's BLAS would start a thread for each core, a fifth of a short run; nothing here uses it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from detector.cli import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
