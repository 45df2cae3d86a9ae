"""`python -m training.benchmark.worker NAME`: one extractor, one page a line.

A request is a line of JSON with the fields of `Task`; its answer a line with `output` or `error`,
the CPU seconds of the call, and the most memory that the process has held, in KiB. A first line,
before any request, says the same of the imports.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from training.benchmark.extractors import BY_NAME, Task


def main() -> int:
    """Answer until the input ends."""
    # What an extractor prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")

    def answer(**fields: Any) -> None:
        fields["peak_kib"] = _peak_kib()
        answers.write(json.dumps(fields) + "\n")
        answers.flush()

    load = BY_NAME[sys.argv[1]].load
    assert load is not None, "Node's extractors have a worker of their own"
    before = time.process_time()
    run = load()
    answer(cpu=time.process_time() - before)
    for line in sys.stdin:
        task = Task(**json.loads(line))
        started = time.process_time()
        try:
            fields = {"output": run(task)}
        except Exception as error:  # whatever a peer raises is counted, not ours to sort
            fields = {"error": type(error).__name__}
        answer(cpu=time.process_time() - started, **fields)
    return 0


def _peak_kib() -> int:
    # Not getrusage's: that starts with the peak of the process that started this one.
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
