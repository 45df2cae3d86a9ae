"""`python -m training.benchmark.worker NAME`: one extractor, one page a line.

A request is a line of JSON with the fields of `Task`; its answer a line with `output` or `error`,
the CPU seconds of the call, and the most memory that the process has held, in KiB. A first line,
before any request, says the same of the imports.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from typing import Any

from training.benchmark.extractors import BY_NAME, Task
from training.memory import peak_kib


def main() -> int:
    """Answer until the input ends."""
    # What an extractor prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")

    def answer(**fields: Any) -> None:
        fields["peak_kib"] = peak_kib()
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


if __name__ == "__main__":
    sys.exit(main())
