"""One model, whoever asks: any backend, thread, process, fork."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pytest

from detector import predictor as module
from detector.compiled import FOREST
from detector.errors import BundleError, DetectorError
from detector.predictor import Predictor

# A child that has not answered by then hangs: it has a fraction of a second's work.
HANGS_AFTER = 60
N_FEATURES = 5
ROOT = Path(__file__).parents[1]

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")


@pytest.fixture(autouse=True)
def by_lightgbm(monkeypatch: pytest.MonkeyPatch) -> None:
    """LightGBM is what needs care; tests of the others choose them."""
    monkeypatch.setenv(module.BACKEND_VARIABLE, "lightgbm")


def rows(n: int, seed: int = 1) -> npt.NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(n, N_FEATURES)).astype(np.float32)


def train(objective: str = "binary", **parameters: Any) -> str:
    X = rows(300, seed=2)
    y = np.digitize(X.sum(axis=1), [0.0] if objective == "binary" else [-1.0, 1.0])
    fixed = {"objective": objective, "num_threads": 1, "seed": 2, "verbose": -1}
    return lightgbm.train({**fixed, **parameters}, lightgbm.Dataset(X, y), 9).model_to_string()


@cache
def binary() -> str:
    return train()


@cache
def multiclass() -> str:
    return train("multiclass", num_class=3)


@cache
def expected() -> npt.NDArray[np.float64]:
    return np.asarray(lightgbm.Booster(model_str=binary()).predict(rows(40), num_threads=1))


def max_threads() -> int:
    limit = ctypes.c_int()
    module._library(lightgbm).LGBM_GetMaxThreads(ctypes.byref(limit))
    return limit.value


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=HANGS_AFTER, check=False
    )


# --- predictions


@pytest.mark.parametrize("backend", ["", "lightgbm", "numpy"])
@pytest.mark.parametrize("text", [binary, multiclass])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_equal_to_lightgbm(
    monkeypatch: pytest.MonkeyPatch, backend: str, text: Callable[[], str], dtype: type, order: Any
) -> None:
    monkeypatch.setenv(module.BACKEND_VARIABLE, backend)
    X: npt.NDArray[Any] = np.asarray(rows(40), dtype=dtype, order=order)
    predictor = Predictor(text(), "m")
    found = predictor.predict(X)
    reference = np.asarray(lightgbm.Booster(model_str=text()).predict(X, num_threads=1))
    assert found.dtype == np.float64
    assert found.shape == reference.shape
    np.testing.assert_allclose(found, reference, rtol=0, atol=1e-9)
    by_lightgbm = f"lightgbm {lightgbm.__version__}"
    default = by_lightgbm if FOREST is None else "compiled"
    assert predictor.backend() == {"": default, "lightgbm": by_lightgbm}.get(backend, "numpy")


@pytest.mark.parametrize("backend", ["", "lightgbm", "numpy"])
def test_inputs_that_are_not_float_matrices(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    monkeypatch.setenv(module.BACKEND_VARIABLE, backend)
    predictor = Predictor(binary(), "m")
    integers = np.array([[2**24 + 1, 0, 1, -1, 3]])  # not to be rounded to float32
    np.testing.assert_array_equal(
        predictor.predict(integers), predictor.predict(integers.astype(np.float64))
    )
    with pytest.raises(ValueError, match=r"3 columns.*trained on 5"):
        predictor.predict(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"got 1 dimension"):
        predictor.predict(np.zeros(5))


def test_no_rows_load_nothing() -> None:
    empty = np.empty((0, N_FEATURES), dtype=np.float32)
    for text, shape in ((binary(), (0,)), (multiclass(), (0, 3))):
        predictor = Predictor(text, "m")
        assert predictor.predict(empty).shape == shape
        assert predictor._loaded is None


def test_name_and_features() -> None:
    predictor = Predictor(multiclass(), "content")
    assert predictor.feature_names == tuple(f"Column_{i}" for i in range(N_FEATURES))
    assert repr(predictor) == "Predictor(name='content', trees=27)"


def test_text_that_is_no_model() -> None:
    with pytest.raises(BundleError, match=r"model 'content': not a LightGBM text model"):
        Predictor("tree of knowledge", "content")


def test_model_that_lightgbm_refuses() -> None:
    """What the walker has no use for, and LightGBM does."""
    for word, other in (("label_index=0", "label_ondex=0"), ("categorical:null", "categorical:x")):
        assert word in binary()
        predictor = Predictor(binary().replace(word, other), "content")
        with pytest.raises(BundleError, match=r"model 'content': LightGBM refuses it: "):
            predictor.predict(rows(1))


def test_damaged_tree_does_not_reach_lightgbm() -> None:
    """LightGBM ends the process over it."""
    with pytest.raises(BundleError, match=r"model 'content': tree 0: 'num_cat' is missing"):
        Predictor(binary().replace("num_cat=0", "num_kat=0"), "content")


@pytest.mark.parametrize("backend", ["", "lightgbm", "numpy"])
def test_trees_that_wait(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    """The header is read at once, the trees when they are used, and then as strictly."""
    monkeypatch.setenv(module.BACKEND_VARIABLE, backend)
    with pytest.raises(BundleError, match=r"model 'content': not a LightGBM text model"):
        Predictor("tree of knowledge", "content", waits=True)
    predictor = Predictor(binary(), "content", waits=True)
    assert predictor.feature_names == Predictor(binary(), "content").feature_names
    assert predictor._parsed is None
    assert pickle.loads(pickle.dumps(predictor))._parsed is None
    np.testing.assert_array_equal(
        predictor.predict(rows(3)), Predictor(binary(), "content").predict(rows(3))
    )
    damaged = Predictor(binary().replace("num_cat=0", "num_kat=0"), "content", waits=True)
    for use in (damaged.predict, *((damaged.contributions,) if backend != "numpy" else ())):
        with pytest.raises(BundleError, match=r"model 'content': tree 0: 'num_cat' is missing"):
            use(rows(1))


def test_pickles_text_and_name_alone() -> None:
    predictor = Predictor(binary(), "content")
    predictor.predict(rows(3))
    data = pickle.dumps(predictor)
    assert len(data) < len(predictor.text) + 200
    copy = pickle.loads(data)
    assert (copy.name, copy.text) == ("content", binary())
    np.testing.assert_array_equal(copy.predict(rows(40)), expected())


def test_large_trees_and_float64_are_not_for_the_compiled_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(module.BACKEND_VARIABLE, "")
    X = np.random.default_rng(3).normal(size=(3000, N_FEATURES)).astype(np.float32)
    data = lightgbm.Dataset(X, np.sin(9 * X[:, 0]) + X[:, 1] ** 2)
    options = {"objective": "regression", "num_threads": 1, "verbose": -1, "min_data_in_leaf": 5}
    for leaves, backend in ((32, "" if FOREST is None else "compiled"), (33, "lightgbm")):
        booster = lightgbm.train({**options, "num_leaves": leaves}, data, 3)
        predictor = Predictor(booster.model_to_string(), "m")
        assert predictor.backend().startswith(backend)
        for matrix in (X, X.astype(np.float64) + 1e-12):
            reference = np.asarray(booster.predict(matrix, num_threads=1))
            np.testing.assert_allclose(predictor.predict(matrix), reference, rtol=0, atol=1e-9)


@pytest.mark.skipif(FOREST is None, reason="nothing is compiled here")
def test_compiled_needs_no_lightgbm(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text(binary())
    code = (
        "import sys, numpy, detector.predictor as p\n"
        f"predictor = p.Predictor(open({str(tmp_path / 'model.txt')!r}).read(), 'm')\n"
        "predictor.predict(numpy.zeros((3, 5), numpy.float32))\n"
        "assert 'lightgbm' not in sys.modules\n"
    )
    done = run_python(code, DETECTOR_BACKEND="")
    assert done.returncode == 0, done.stderr


# --- backends


def test_import_is_lazy(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text(binary())
    code = (
        "import sys, numpy, detector.predictor as p\n"
        f"predictor = p.Predictor(open({str(tmp_path / 'model.txt')!r}).read(), 'm')\n"
        "predictor.predict(numpy.empty((0, 5)))\n"
        "assert 'lightgbm' not in sys.modules\n"
        "predictor.predict(numpy.empty((1, 5)))\n"
        "assert 'lightgbm' in sys.modules\n"
    )
    done = run_python(code)
    assert done.returncode == 0, done.stderr


FALLBACK = """
import sys, warnings
import numpy as np
from detector.predictor import Predictor
text = open({path!r}).read()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for name in "ab":
        predictor = Predictor(text, name)
        predictor.predict(np.zeros((2, 5)))
        predictor.predict(np.zeros((2, 5)))
        print(predictor.backend())
for warning in caught:
    print(warning.category.__name__, warning.message)
"""

# What stands in lightgbm's __init__.py, and what the warning then says.
BROKEN = [
    (
        "raise OSError('libgomp.so.1: cannot open shared object file')",
        "libgomp.so.1: cannot open shared object file",
    ),
    ("raise ImportError('no lightgbm here')", "no lightgbm here"),
    (
        "import types\nbasic = types.SimpleNamespace(_LIB=object())\n__version__ = '4.1.0'",
        "lightgbm 4.1.0 is older than 4.2",
    ),
]


@pytest.mark.parametrize(("init", "reason"), BROKEN)
def test_numpy_where_lightgbm_is_not(tmp_path: Path, init: str, reason: str) -> None:
    (tmp_path / "lightgbm").mkdir()
    (tmp_path / "lightgbm" / "__init__.py").write_text(init)
    (tmp_path / "model.txt").write_text(binary())
    code = FALLBACK.format(path=str(tmp_path / "model.txt"))
    done = run_python(code, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert done.returncode == 0, done.stderr
    first, second, *caught = done.stdout.splitlines()
    assert (first, second) == ("numpy", "numpy")
    assert len(caught) == 1
    assert caught[0].startswith(f"RuntimeWarning lightgbm: {reason}; predicting with numpy")
    for advice in ("apt-get install libgomp1", "apk add libgomp", "pip install", "=numpy"):
        assert advice in caught[0]


def test_numpy_by_choice(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text(binary())
    code = (
        FALLBACK.format(path=str(tmp_path / "model.txt")) + "assert 'lightgbm' not in sys.modules"
    )
    done = run_python(code, DETECTOR_BACKEND="numpy")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["numpy", "numpy"]


def test_unknown_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(module.BACKEND_VARIABLE, "cuda")
    with pytest.raises(DetectorError, match=r"DETECTOR_BACKEND is 'cuda'"):
        Predictor(binary(), "m").predict(rows(1))


def test_thread_limit_is_put_back() -> None:
    limit = max_threads()
    library = module._library(lightgbm)
    try:
        for value in (2, -1):
            library.LGBM_SetMaxThreads(value)
            Predictor(binary(), "m").predict(rows(1))
            with pytest.raises(BundleError):
                Predictor(binary().replace("label_index", "label"), "m").predict(rows(1))
            assert max_threads() == value
    finally:
        library.LGBM_SetMaxThreads(limit)


# --- threads


@pytest.mark.parametrize("backend", ["", "lightgbm", "numpy"])
def test_threads_share_a_predictor(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    monkeypatch.setenv(module.BACKEND_VARIABLE, backend)
    loads: list[str] = []
    booster = lightgbm.Booster
    expected()

    def load(model_str: str) -> lightgbm.Booster:
        loads.append(model_str)
        return booster(model_str=model_str)

    monkeypatch.setattr(lightgbm, "Booster", load)
    predictor = Predictor(binary(), "m")
    start = threading.Barrier(8)

    def work(_: int) -> bool:
        start.wait()
        return all(
            np.allclose(predictor.predict(rows(40)), expected(), rtol=0, atol=1e-9)
            for _ in range(30)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert len(loads) == int(predictor.backend().startswith("lightgbm"))


# --- processes


def in_fork(work: Callable[[], object]) -> None:
    """Run `work` in a forked child; fail if it raises, dies or hangs."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork, Python 3.12
        pid = os.fork()
    if pid == 0:
        try:
            work()
            os.write(writing, b"done")
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[:4000])
        finally:
            os._exit(0)
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], HANGS_AFTER)
        answer = os.read(reading, 5000).decode() if ready else "the child hangs"
        if not ready:
            os.kill(pid, signal.SIGKILL)
    finally:
        os.close(reading)
        os.waitpid(pid, 0)
    assert answer == "done", answer or "the child died"


def assert_predicts(predictor: Predictor) -> None:
    np.testing.assert_allclose(predictor.predict(rows(40)), expected(), rtol=0, atol=1e-9)


@needs_fork
@pytest.mark.parametrize("backend", ["", "lightgbm", "numpy"])
def test_fork_after_use(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    """The child may use what it inherits, and load its own; so may its own child."""
    monkeypatch.setenv(module.BACKEND_VARIABLE, backend)
    expected()
    inherited = Predictor(binary(), "m")
    unused = Predictor(binary(), "m")
    assert_predicts(inherited)

    def child() -> None:
        assert_predicts(inherited)
        assert_predicts(unused)
        assert_predicts(Predictor(binary(), "m"))
        in_fork(lambda: assert_predicts(inherited))

    for _ in range(3):
        in_fork(child)
    assert_predicts(inherited)


@needs_fork
@pytest.mark.parametrize("used", [False, True])
def test_fork_after_lightgbm_used_threads(used: bool) -> None:
    """The parent has a pool of OpenMP threads, and LightGBM set to use it; the child has none."""
    expected()
    inherited = Predictor(binary(), "m")
    if used:
        assert_predicts(inherited)
    lightgbm.Booster(model_str=binary()).predict(rows(200), num_threads=2)

    def child() -> None:
        assert_predicts(Predictor(binary(), "m"))
        assert_predicts(inherited)

    in_fork(child)


@needs_fork
def test_fork_while_threads_load_and_predict() -> None:
    """Whatever the parent's threads are at when the child is made, it can load and predict."""
    expected()
    shared = Predictor(binary(), "m")
    stop = threading.Event()
    limit = max_threads()

    def busy() -> None:
        while not stop.is_set():
            shared.predict(rows(3))
            Predictor(binary(), "m").predict(rows(3))

    def child() -> None:
        assert max_threads() == limit
        assert_predicts(shared)
        assert_predicts(Predictor(binary(), "m"))

    threads = [threading.Thread(target=busy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(15):
            in_fork(child)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_multiprocessing(method: str) -> None:
    predictor = Predictor(binary(), "m")
    assert_predicts(predictor)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context(method).Pool(2) as pool:
            answers = [pool.apply_async(predictor.predict, (rows(40),)) for _ in range(4)]
            for answer in answers:
                found = answer.get(timeout=HANGS_AFTER)
                np.testing.assert_allclose(found, expected(), rtol=0, atol=1e-9)
