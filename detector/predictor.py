"""Model text and matrix -> probabilities: by compiled code, LightGBM or numpy, all the same.

Where the package was built with its compiled parts, `detector._forest` predicts, which is faster
than LightGBM and has no state: it takes float32 and trees of up to 32 leaves, as the bundles have.
For all else LightGBM is imported, when a prediction is first asked for, never before. It needs the
system's OpenMP library, which slim images lack: then, and where lightgbm isn't installed, the numpy
walker of `detector.forest` gives the same numbers, and a RuntimeWarning says once what to install.

The environment variable `DETECTOR_BACKEND` chooses outright: `lightgbm`, whatever is compiled, or
`numpy`, with which lightgbm is not imported, and nothing is warned of.

Fork: OpenMP's pool of threads does not survive `fork`, and a child that enters a parallel region
waits for ever. So LightGBM never gets a second thread here: its thread limit is 1 while a model
loads (and is then put back), and every prediction is made with `num_threads=1`. Besides, no fork
happens in the middle of a load, and a child loads its own copy of a model (1 to 2 ms), because one
that another thread was predicting with may have been copied in a locked state.

LightGBM's thread counts are global to the process: code that trains with LightGBM in one thread
while another uses a Predictor may find itself training with one thread.
"""

from __future__ import annotations

import ctypes
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from .errors import BundleError, DetectorError
from .forest import CompiledForest, Forest, as_matrix
from .trees import Floats, read_header

if TYPE_CHECKING:
    from lightgbm import Booster

BACKEND_VARIABLE = "DETECTOR_BACKEND"
NUMPY = "numpy"
"""The name of the backend that is always there."""

_ADVICE = (
    "predicting with numpy instead, with the same results. For LightGBM, install its system "
    "library (`apt-get install libgomp1`, or `apk add libgomp`) and `pip install 'lightgbm>=4.2'`; "
    f"or set {BACKEND_VARIABLE}=numpy to choose this without a warning"
)


class _Process:
    """What this process knows: whether LightGBM can be imported, and how often it was forked."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.generation = 0
        self.lightgbm: ModuleType | None = None
        self.unavailable = False


_process = _Process()


def _forked() -> None:
    _process.lock = threading.RLock()
    _process.generation += 1


if hasattr(os, "register_at_fork"):
    # Held across a fork, so that no child is born while LightGBM is half imported, or while its
    # thread limit is 1.
    os.register_at_fork(
        before=lambda: _process.lock.acquire(),
        after_in_parent=lambda: _process.lock.release(),
        after_in_child=_forked,
    )


class _Loaded(NamedTuple):
    """A model in LightGBM's hands, for the process that loaded it."""

    booster: Booster
    version: str
    generation: int


class _Parsed(NamedTuple):
    """A model's trees: for numpy, and for compiled code where that is there and can."""

    forest: Forest
    compiled: CompiledForest | None


class Predictor:
    """A model that predicts: safe to share among threads, to fork with and to pickle.

    `text` is a LightGBM text model; `name` is what errors call it; one that `waits` reads no more
    than the text's header until a prediction is asked for. Pickling keeps these three alone.

    Raises BundleError where `Forest.from_text` does, though of trees that wait not before they are
    read. LightGBM gets no text that was not parsed before: it checks little of what it reads, and
    a fault in a tree ends the process.
    """

    __slots__ = ("_header", "_loaded", "_parsed", "_waits", "name", "text")

    def __init__(self, text: str, name: str, waits: bool = False) -> None:
        self.text = text
        self.name = name
        self._waits = waits
        self._loaded: _Loaded | None = None
        self._parsed: _Parsed | None = None
        with self._named():
            self._header = read_header(text)
        if not waits:
            self._trees()

    def __reduce__(self) -> tuple[type[Predictor], tuple[str, str, bool]]:
        return type(self), (self.text, self.name, self._waits)

    def __repr__(self) -> str:
        return f"Predictor(name={self.name!r}, trees={self._header.n_trees})"

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the matrix's columns, in order."""
        return self._header.feature_names

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except BundleError as error:
            raise BundleError(f"model {self.name!r}: {error}") from error

    def _trees(self) -> _Parsed:
        """The trees, parsed when first asked for; threads that ask at once get equal ones."""
        if self._parsed is None:
            with self._named():
                forest = Forest.from_text(self.text, self._header)
            self._parsed = _Parsed(forest, forest.compile())
        return self._parsed

    def predict(self, X: npt.ArrayLike) -> Floats:
        """Probabilities for a matrix of shape `(n, f)`.

        Returns float64 of shape `(n,)`, or `(n, k)` for a multiclass model. Raises ValueError if
        `X` isn't a matrix of `f` columns, BundleError if LightGBM refuses the model.
        """
        matrix = as_matrix(X, len(self.feature_names))
        trees = self._trees()
        if trees.compiled is not None and matrix.dtype == np.float32 and not _chosen():
            return trees.compiled.predict(matrix)
        loaded = self._load() if len(matrix) else None
        if loaded is None:
            return trees.forest.predict(matrix)
        return np.asarray(loaded.booster.predict(matrix, num_threads=1), dtype=np.float64)

    def contributions(self, X: npt.ArrayLike) -> Floats:
        """What each column adds to the log-odds of a binary model's rows, float64, `(n, f + 1)`.

        The last column is the same for all rows: the log-odds before any column is looked at.
        Raises DetectorError where LightGBM can't be had, and what `predict` raises.
        """
        matrix = as_matrix(X, len(self.feature_names))
        loaded = self._load()
        if loaded is None:
            raise DetectorError(
                "only LightGBM can say what its features did, and it is not here: install it and "
                f"its system library (libgomp1), and leave {BACKEND_VARIABLE} unset"
            )
        if not len(matrix):
            return np.zeros((0, len(self.feature_names) + 1))
        found = loaded.booster.predict(matrix, pred_contrib=True, num_threads=1)
        return np.asarray(found, dtype=np.float64)

    def backend(self) -> str:
        """What predicts float32: `compiled`, `lightgbm X.Y.Z` or `numpy`. Loads if need be."""
        if self._trees().compiled is not None and not _chosen():
            return "compiled"
        loaded = self._load()
        return NUMPY if loaded is None else f"lightgbm {loaded.version}"

    def _load(self) -> _Loaded | None:
        """The model in LightGBM's hands, or None where numpy has to do, or was chosen."""
        if _chosen() == "numpy":
            return None
        loaded = self._loaded
        if loaded is not None and loaded.generation == _process.generation:
            return loaded
        with _process.lock:
            loaded = self._loaded
            if loaded is not None and loaded.generation == _process.generation:
                return loaded
            self._trees()  # checked, before LightGBM sees them
            lightgbm = _import_lightgbm()
            if lightgbm is None:
                return None
            with _one_thread(_library(lightgbm)):
                try:
                    booster = lightgbm.Booster(model_str=self.text)
                # ValueError: of the JSON that the Python package keeps behind the trees.
                except (lightgbm.basic.LightGBMError, ValueError) as error:
                    message = f"model {self.name!r}: LightGBM refuses it: {error}"
                    raise BundleError(message) from error
            self._loaded = _Loaded(booster, lightgbm.__version__, _process.generation)
            return self._loaded


def _chosen() -> str:
    choice = os.environ.get(BACKEND_VARIABLE, "")
    if choice not in ("", "lightgbm", "numpy"):
        raise DetectorError(
            f"{BACKEND_VARIABLE} is {choice!r}; it can be 'lightgbm' or 'numpy', or unset"
        )
    return choice


def _import_lightgbm() -> ModuleType | None:
    """The lightgbm module, or None and, the first time, a warning. The lock is held."""
    if _process.lightgbm is None and not _process.unavailable:
        try:
            import lightgbm

            if not hasattr(_library(lightgbm), "LGBM_SetMaxThreads"):
                raise ImportError(f"lightgbm {lightgbm.__version__} is older than 4.2")
        except (ImportError, OSError) as error:
            _process.unavailable = True
            # To the caller of Predictor.predict.
            warnings.warn(f"lightgbm: {error}; {_ADVICE}", RuntimeWarning, stacklevel=4)
        else:
            _process.lightgbm = lightgbm
    return _process.lightgbm


def _library(lightgbm: ModuleType) -> ctypes.CDLL:
    """LightGBM's C API; the Python package has no other way to its thread limit."""
    library: ctypes.CDLL = lightgbm.basic._LIB
    return library


@contextmanager
def _one_thread(library: ctypes.CDLL) -> Iterator[None]:
    """Limit LightGBM to one thread, and put the limit back."""
    limit = ctypes.c_int(-1)
    library.LGBM_GetMaxThreads(ctypes.byref(limit))
    library.LGBM_SetMaxThreads(ctypes.c_int(1))
    try:
        yield
    finally:
        library.LGBM_SetMaxThreads(limit)
