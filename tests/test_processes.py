"""However a crawler starts its processes and threads, a page is detected, and as in any other.

Each case is a program of its own with a time limit: what is looked for is a hang.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from training.own import FOLDER

LIMIT = 240  # seconds; each takes a few on an idle machine

HEAD = f"""
import multiprocessing, os, pickle, sys, threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
import detector
from detector import Detector

PAGES = [path.read_bytes() for path in sorted(Path({str(FOLDER)!r}).glob("*.html"))[:8]]

def answers(instance, pages=PAGES):
    return [
        [(block.label, block.probability) for block in instance.detect(html).blocks]
        for html in pages
    ]

def default_answers(_=None):
    return [[(b.label, b.probability) for b in detector.detect(html).blocks] for html in PAGES]

def in_fork(work):
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as out:
            pickle.dump(work(), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as found:
        result = pickle.load(found)
    os.wait()
    return result
"""

CASES = {
    "fork after load": """
        shared = Detector()
        assert in_fork(lambda: answers(shared)) == answers(shared)
    """,
    "fork after predict": """
        shared = Detector()
        expected = answers(shared)
        assert in_fork(lambda: answers(shared)) == expected
        assert in_fork(lambda: answers(Detector())) == expected
        assert in_fork(lambda: in_fork(lambda: answers(shared))) == expected
    """,
    "fork while threads predict": """
        shared = Detector()
        expected = answers(shared)
        stop = threading.Event()
        def busy():
            while not stop.is_set():
                answers(shared, PAGES[:1])
        threads = [threading.Thread(target=busy) for _ in range(3)]
        for thread in threads: thread.start()
        for _ in range(5):
            assert in_fork(lambda: answers(shared)) == expected
        stop.set()
        for thread in threads: thread.join()
    """,
    "fork after training with all of OpenMP's threads": """
        import lightgbm, numpy
        data = lightgbm.Dataset(numpy.random.rand(5000, 20), numpy.random.rand(5000))
        lightgbm.train({"verbose": -1, "num_threads": 4}, data, 3)
        shared = Detector()
        expected = answers(shared)
        assert in_fork(lambda: answers(shared)) == expected
    """,
    "pool, fork": 'pool_of("fork")',
    "pool, spawn": 'pool_of("spawn")',
    "pool, forkserver": 'pool_of("forkserver")',
    "detect_many, fork": 'many_with("fork")',
    "detect_many, spawn": 'many_with("spawn")',
    "detect_many, forkserver": 'many_with("forkserver")',
    "eight threads on one": """
        shared = Detector()
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(answers, [shared] * 16))
        assert found == [answers(Detector())] * 16
    """,
    "pickled": """
        shared = Detector()
        before = pickle.dumps(shared)
        expected = answers(shared)
        assert answers(pickle.loads(before)) == answers(pickle.loads(pickle.dumps(shared)))
        assert answers(pickle.loads(before)) == expected
    """,
    "server that forks its workers beforehand": """
        shared = Detector()
        expected = answers(shared)
        for _ in range(2):
            with multiprocessing.get_context("fork").Pool(3, maxtasksperchild=2) as pool:
                for found in pool.imap_unordered(default_answers, range(9)):
                    assert found == expected
    """,
}

TAIL = """
def pool_of(method):
    expected = default_answers()
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(default_answers, range(3))) == [expected] * 3
        shared = Detector()
        assert pool.submit(answers, shared).result() == expected

def many_with(method):
    multiprocessing.set_start_method(method)
    found = list(detector.detect_many(PAGES * 3, workers=2))
    assert [[(b.label, b.probability) for b in page.blocks] for page in found] == (
        default_answers() * 3
    )

if __name__ == "__main__":
    main()
    print("done")
"""


@pytest.mark.parametrize("case", CASES)
def test_none_hangs_and_all_agree(tmp_path: Path, case: str) -> None:
    script = tmp_path / "program.py"
    body = "\n".join("    " + line.removeprefix("        ") for line in CASES[case].split("\n"))
    script.write_text(f"{HEAD}\ndef main():\n{body}\n{TAIL}")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, check=False, timeout=LIMIT, text=True
    )
    assert done.stdout.strip() == "done", done.stderr


def test_a_script_without_a_guard_is_told_of_it(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import multiprocessing, detector\n"
        "multiprocessing.set_start_method('spawn', force=True)\n"
        "print(list(detector.detect_many(['<p>x</p>'], workers=2)))\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, check=False, timeout=LIMIT, text=True
    )
    assert done.returncode == 1
    assert "__main__" in done.stderr.strip().split("\n")[-1]
