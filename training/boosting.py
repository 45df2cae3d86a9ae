"""Training one LightGBM model, reproducibly: the same rows and seed give the same text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

# One thread a model: several models train side by side, and thread counts never change a sum.
_ALWAYS: Final[dict[str, Any]] = {
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "bin_construct_sample_cnt": 40_000,  # bounds are as good, and found five times faster
    "verbose": -1,
}

# LightGBM ends a model's text with the parameters of the run, paths and machine included.
_PARAMETERS: Final = re.compile(r"\nparameters:\n.*?\nend of parameters\n", re.DOTALL)
_PANDAS: Final = re.compile(r"\npandas_categorical:.*\n?\Z")


class TrainingError(Exception):
    """Training can't start; the message says what to install or to change."""


def import_lightgbm() -> ModuleType:
    """The lightgbm module.

    Raises:
        TrainingError: it, or the system library that it needs, is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise TrainingError(f"training needs lightgbm: pip install lightgbm ({error})") from error
    except OSError as error:
        raise TrainingError(
            "lightgbm needs the system's OpenMP library: apt-get install libgomp1, or apk add "
            f"libgomp ({error})"
        ) from error
    module: ModuleType = lightgbm
    return module


def train_model(
    matrix: npt.NDArray[np.float32],
    label: npt.NDArray[Any],
    weight: npt.NDArray[np.float64],
    columns: Sequence[str],
    parameters: Mapping[str, Any],
    rounds: int,
    seed: int,
) -> str:
    """Train on rows of shape (n, len(columns)) and return the model in LightGBM's text form."""
    lightgbm = import_lightgbm()
    settings = {**parameters, **_ALWAYS, "seed": seed}
    data = lightgbm.Dataset(
        matrix, label, weight=weight, feature_name=list(columns), params=settings
    )
    text: str = lightgbm.train(settings, data, rounds).model_to_string()
    return _PANDAS.sub("\n", _PARAMETERS.sub("\n", text))
