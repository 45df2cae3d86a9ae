"""The numpy walker and the compiled code give LightGBM's own numbers; what can't be read."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from detector import trees as trees_module
from detector.compiled import FOREST
from detector.errors import BundleError
from detector.forest import Forest
from detector.trees import read_header, read_trees

TOLERANCE = 1e-9
N_FEATURES = 6

MODELS: dict[str, dict[str, Any]] = {
    "nan": {"objective": "binary"},
    "sigmoid": {"objective": "binary", "sigmoid": 1.7},
    "no-missing": {"objective": "binary", "use_missing": False},
    "zero-missing": {"objective": "binary", "zero_as_missing": True},
    "multiclass": {"objective": "multiclass", "num_class": 3},
    "multiclass-zero": {"objective": "multiclass", "num_class": 3, "zero_as_missing": True},
    "cross-entropy": {"objective": "cross_entropy"},
    "regression": {"objective": "regression"},
    "stump": {"objective": "binary", "num_leaves": 2},
    "deep": {"objective": "binary", "num_leaves": 80, "min_data_in_leaf": 1},
    "leaves-only": {"objective": "binary", "min_data_in_leaf": 10_000},
}


def rows(n: int, seed: int) -> npt.NDArray[np.float32]:
    """Features of the kinds that pages give: dense, sparse, counts, missing, constant."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, N_FEATURES))
    X[:, 1] = np.where(rng.random(n) < 0.5, 0.0, X[:, 1])
    X[:, 2] = rng.poisson(2.0, n)
    X[:, 3] = np.where(rng.random(n) < 0.3, np.nan, X[:, 3])
    X[:, 4] = np.select([rng.random(n) < 0.2, rng.random(n) < 0.4], [np.nan, 0.0], X[:, 4])
    X[:, 5] = 1.0
    return X.astype(np.float32)


def train(parameters: dict[str, Any], n: int = 400, trees: int = 7, seed: int = 3) -> str:
    X = rows(n, seed)
    score = np.nan_to_num(X).sum(axis=1) + np.isnan(X[:, 3]) - 2 * (X[:, 4] == 0)
    if parameters["objective"] == "regression":
        y = score
    else:
        y = np.digitize(score, [3.0] if "num_class" not in parameters else [2.0, 4.0])
    fixed = {"num_threads": 1, "seed": seed, "deterministic": True, "verbose": -1}
    defaults = {"num_leaves": 8, "min_data_in_leaf": 3}
    booster = lightgbm.train({**defaults, **parameters, **fixed}, lightgbm.Dataset(X, y), trees)
    return booster.model_to_string()


@cache
def model(name: str) -> str:
    return train(MODELS[name])


def by_lightgbm(text: str, X: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return np.asarray(lightgbm.Booster(model_str=text).predict(X, num_threads=1))


def assert_same(text: str, X: npt.NDArray[Any]) -> None:
    forest = Forest.from_text(text)
    expected = by_lightgbm(text, X)
    compiled = forest.compile() if X.dtype == np.float32 else None
    for found in [forest.predict(X)] + ([compiled.predict(X)] if compiled else []):
        assert found.dtype == np.float64
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)


def edges(text: str) -> npt.NDArray[np.float64]:
    """Rows that lie on thresholds, just beside them, and on the values with a meaning."""
    thresholds = [float(t) for line in re.findall("threshold=(.*)", text) for t in line.split()]
    values = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1e-35, -1e-35, 1e-36, 2e-35])
    near = np.array([0.0, *thresholds[:40]])
    pool = np.concatenate([values, near, np.nextafter(near, np.inf), np.nextafter(near, -np.inf)])
    return np.random.default_rng(0).choice(pool, size=(500, N_FEATURES))


def resized(text: str) -> str:
    """An edited model text, with the `tree_sizes` that fit it."""
    trees = text[text.index("Tree=0") : text.index("end of trees")]
    sizes = " ".join(str(len(tree)) for tree in re.split(r"(?=Tree=)", trees) if tree)
    return re.sub("tree_sizes=.*", f"tree_sizes={sizes}", text)


@pytest.mark.parametrize("name", MODELS)
def test_equal_to_lightgbm(name: str) -> None:
    text = model(name)
    for X in (rows(333, seed=9), rows(50, seed=10).astype(np.float64), edges(text)):
        assert_same(text, X)
    assert_same(text, edges(text).astype(np.float32))


def test_models_cover_the_missing_types() -> None:
    def kinds(name: str) -> set[int]:
        lines = re.findall("decision_type=(.*)", model(name))
        return {int(word) >> 2 for line in lines for word in line.split()}

    assert 2 in kinds("nan")
    assert kinds("zero-missing") == {1}
    assert kinds("no-missing") == {0}
    assert "num_leaves=1\n" in model("leaves-only")


values = st.one_of(
    st.sampled_from([0.0, -0.0, np.nan, np.inf, -np.inf, 1e-35, -1e-35, 1e-40, 1.0, 2.0]),
    st.floats(width=32),
)


@settings(max_examples=120)
@given(
    name=st.sampled_from(sorted(MODELS)),
    X=hnp.arrays(
        st.sampled_from([np.float32, np.float64]),
        st.tuples(st.integers(1, 12), st.just(N_FEATURES)),
        elements=values,
    ),
)
def test_any_row(name: str, X: npt.NDArray[Any]) -> None:
    assert_same(model(name), X)


@settings(max_examples=40)
@given(data=st.data())
def test_any_decision_type(data: st.DataObject) -> None:
    """All six numeric decision types, in any mixture, whatever training would have chosen."""

    def redrawn(line: re.Match[str]) -> str:
        n = len(line[1].split())
        kinds = data.draw(st.lists(st.sampled_from([0, 2, 4, 6, 8, 10]), min_size=n, max_size=n))
        return "decision_type=" + " ".join(map(str, kinds))

    text = resized(re.sub("decision_type=(.*)", redrawn, model("nan")))
    assert_same(text, edges(text))


@settings(max_examples=15)
@given(
    name=st.sampled_from(sorted(MODELS)),
    seed=st.integers(0, 1000),
    leaves=st.integers(2, 40),
    trees=st.integers(1, 12),
)
def test_any_model(name: str, seed: int, leaves: int, trees: int) -> None:
    text = train({**MODELS[name], "num_leaves": leaves}, n=150, trees=trees, seed=seed)
    assert_same(text, rows(60, seed + 1))
    assert_same(text, edges(text))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("n", [16, 17, 32, 33, 64, 65, 255, 256, 257, 300])
def test_rows_that_are_much_alike(name: str, n: int) -> None:
    """What all rows have in common is asked once: of values on thresholds, zeros and NaN, too."""
    text = model(name)
    kinds = edges(text).astype(np.float32)
    X = np.repeat(kinds[:1], n, axis=0)
    for i, kind in enumerate(kinds[1:40]):
        assert_same(text, X)
        X[:, i % N_FEATURES] = kind[i % N_FEATURES]
        X[i * 7 % n, (i + 1) % N_FEATURES] = kind[(i + 1) % N_FEATURES]


def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    X = rows(101, seed=4)
    for name in ("nan", "multiclass"):
        forest = Forest.from_text(model(name))
        whole = forest.predict(X)
        for pairs in (1, 64, 700):
            monkeypatch.setattr("detector.forest._PAIRS", pairs)
            np.testing.assert_array_equal(forest.predict(X), whole)
        monkeypatch.undo()


def test_names_and_trees() -> None:
    forest = Forest.from_text(model("multiclass"))
    assert forest.n_trees == 21
    assert forest.feature_names == tuple(f"Column_{i}" for i in range(N_FEATURES))


def test_matrices() -> None:
    forest = Forest.from_text(model("nan"))
    X = rows(30, seed=5)
    expected = forest.predict(X)
    np.testing.assert_array_equal(forest.predict(np.asfortranarray(X)), expected)
    np.testing.assert_array_equal(forest.predict(np.repeat(X, 2, axis=0)[::2]), expected)
    np.testing.assert_array_equal(forest.predict(X.tolist()), expected)
    before = X.copy()
    forest.predict(X)
    np.testing.assert_array_equal(X, before)


def test_no_rows() -> None:
    empty = np.empty((0, N_FEATURES))
    assert Forest.from_text(model("nan")).predict(empty).shape == (0,)
    assert Forest.from_text(model("multiclass")).predict(empty).shape == (0, 3)


def test_wrong_shape() -> None:
    forest = Forest.from_text(model("nan"))
    with pytest.raises(ValueError, match=r"7 columns.*trained on 6"):
        forest.predict(np.zeros((2, 7)))
    with pytest.raises(ValueError, match=r"got 1 dimension"):
        forest.predict(np.zeros(6))


def categorical() -> str:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 9, size=(400, 2)).astype(float)
    data = lightgbm.Dataset(X, X[:, 0] % 2, categorical_feature=[0])
    return lightgbm.train(
        {"objective": "binary", "verbose": -1, "num_threads": 1}, data, 2
    ).model_to_string()


def test_unsupported_models() -> None:
    refused: list[tuple[str, str]] = [
        (categorical(), "tree 0: categorical splits"),
        (train({"objective": "regression", "linear_tree": True}), "tree 0: linear trees"),
        (train({"objective": "poisson"}), "objective 'poisson'"),
        (train({"objective": "regression", "reg_sqrt": True}), "objective 'regression sqrt'"),
        (train({"objective": "multiclassova", "num_class": 3}), "objective 'multiclassova"),
        (
            train({"objective": "binary", "boosting": "rf", "bagging_freq": 1, "subsample": 0.5}),
            "averaged trees",
        ),
    ]
    for text, message in refused:
        with pytest.raises(BundleError, match=re.escape(message)):
            Forest.from_text(text)


# (what is replaced, with what, what the error says); the first match alone is replaced.
DAMAGE = [
    (r"^tree\n", "", "not a LightGBM text model"),
    (r"(?s)\n\n.*", "", "not a LightGBM text model"),
    (r"\n", "\r\n", "not a LightGBM text model"),
    (r"version=v4", "version=v9", "model format 'v9'"),
    (r"objective=binary sigmoid:1\n", "", "objective ''"),
    (r"sigmoid:1", "sigmoid:-1", "out of range"),
    (r"sigmoid:1", "sigmoid:nan", "out of range"),
    (r"sigmoid:1", "sigmoid:one", "header: sigmoid: not numbers"),
    (r"num_class=1", "num_class=2", "num_class does not fit"),
    (r"num_class=1", "num_class=1 2", "'num_class': not numbers"),
    (r"label_index=0", "num_class=1", "'num_class' stands twice"),
    (r"max_feature_idx=5", "max_feature_idx=6", "number of feature names"),
    (r"feature_names=.*\n", "", "'feature_names' is missing"),
    (r"tree_sizes=.*", "tree_sizes=", "0 trees"),
    (r"tree_sizes=.*", "tree_sizes=99999999999999999999", "'tree_sizes': not numbers"),
    (r"tree_sizes=\d+", "tree_sizes=17", "tree 0 of 7 is cut short"),
    (r"tree_sizes=\d+", "tree_sizes=-17", "tree 0 of 7 is cut short"),
    (r"Tree=1", "Tree=2", "tree 1 of 7 is cut short or not where it should be"),
    (r"(?s)end of trees.*", "", "the trees end"),
    (r"(?s)Tree=6.*", "", "tree 6 of 7 is cut short"),
    (r"num_leaves=8", "num_leaves=9", "tree 0: 'split_gain' has 7 values, 8 expected"),
    (r"num_leaves=8", "num_leaves=0", "tree 0: no leaves"),
    (r"num_leaves=8", "num_leaves=99999999999", "tree 0: more leaves than"),
    (r"num_cat=0\n", "", "tree 0: 'num_cat' is missing"),
    (r"num_cat=0\n", "num_cat\n", "tree 0: a line without '='"),
    (r"shrinkage=\S+", "shrinkage=n.1", "trees: 'shrinkage': not numbers"),
    (r"leaf_weight=\S+ ", "leaf_weight=", "tree 0: 'leaf_weight' has 7 values, 8 expected"),
    (r"internal_value=\S+", "internal_value=x", "trees: 'internal_value': not numbers"),
    (r"num_leaves=8", "num_leaves=x", "tree 0: 'num_leaves': not numbers"),
    (r"split_feature=\d ", "split_feature=", "tree 0: 'split_feature' has 6 values, 7 expected"),
    (r"split_feature=\d", "split_feature=6", "tree 0: a split on a feature"),
    (r"split_feature=\d", "split_feature=-1", "tree 0: a split on a feature"),
    (r"threshold=\S+", "threshold=abc", "trees: 'threshold': not numbers"),
    (r"threshold=\S+", "threshold=1_0", "trees: 'threshold': not numbers"),
    (r"threshold=\S+", "threshold=nan", "tree 0: a threshold that is not finite"),
    (r"threshold=\S+", "threshold=1e999", "tree 0: a threshold that is not finite"),
    (r"threshold=(\S+)", "threshold=\\1\0", "trees: 'threshold': not numbers"),
    (r"threshold=\S+", "threshold=é", "trees: 'threshold': not numbers"),
    (r"split_feature=\d", "split_feature=9999999999999999999", "'split_feature': not numbers"),
    (r"split_feature=\d", "split_feature=-", "trees: 'split_feature': not numbers"),
    (r"leaf_value=\S+", "leaf_value=inf", "tree 0: a leaf value that is not finite"),
    (r"decision_type=\d+", "decision_type=1", "tree 0: categorical splits"),
    (r"decision_type=\d+", "decision_type=12", "tree 0: unknown decision_type"),
    (r"decision_type=\d+", "decision_type=-8", "tree 0: unknown decision_type"),
    (r"left_child=\S+", "left_child=0", "tree 0: its children"),
    (r"left_child=\S+", "left_child=7", "tree 0: its children"),
    (r"left_child=\S+", "left_child=-1", "tree 0: its children"),
    (r"right_child=.*\n", "", "tree 0: 'right_child' is missing"),
]


@pytest.fixture(params=["as built", "in Python"])
def reading(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees read by what is there, and by Python."""
    if request.param == "in Python":
        monkeypatch.setattr(trees_module, "FOREST", None)


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize(("pattern", "replacement", "message"), DAMAGE)
def test_damaged_text(pattern: str, replacement: str, message: str) -> None:
    count = 0 if pattern == r"\n" else 1
    text = re.sub(pattern, replacement, model("nan"), count=count)
    assert text != model("nan")
    if not re.match(r"tree_sizes|Tree|\(|\^|\\n", pattern):
        text = resized(text)
    with pytest.raises(BundleError, match=re.escape(message)):
        Forest.from_text(text)


NUMBERS = st.from_regex(
    r"[-+]?[0-9]{1,19}|[-+]?[0-9]{0,19}\.?[0-9]{0,19}(e[-+]?[0-9]{1,3})?", fullmatch=True
) | st.floats().map("{:.17g}".format)


def outcome(text: str) -> list[npt.NDArray[Any]] | str:
    """The arrays of a model's trees, or what is wrong with them."""
    try:
        return list(read_trees(text, read_header(text)))
    except BundleError as error:
        return str(error)


def assert_read_as_by_python(text: str) -> None:
    found = outcome(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees_module, "FOREST", None)
        expected = outcome(text)
    if isinstance(found, str) or isinstance(expected, str):
        assert found == expected
    else:
        for ours, theirs in zip(found, expected, strict=True):
            assert ours.tobytes() == theirs.tobytes()


@pytest.mark.skipif(FOREST is None, reason="not built")
@settings(max_examples=300)
@given(
    st.lists(NUMBERS | st.text("0-+.e nif\0é", max_size=4), min_size=1, max_size=5),
    st.sampled_from(["threshold", "leaf_value", "split_feature", "leaf_weight", "shrinkage"]),
)
def test_numbers_are_read_as_by_python(words: list[str], key: str) -> None:
    def put(found: re.Match[str]) -> str:
        before = found[2].split(" ")
        return found[1] + " ".join([*words, *before][: len(before)])

    assert_read_as_by_python(resized(re.sub(f"^({key}=)(.*)", put, model("nan"), flags=re.M)))


@pytest.mark.skipif(FOREST is None, reason="not built")
@settings(max_examples=300)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=8, max_size=8))
def test_every_double_is_read_as_it_was_written(numbers: list[float]) -> None:
    line = " ".join(map("{:.17g}".format, numbers))
    text = resized(re.sub("leaf_value=.*", f"leaf_value={line}", model("nan"), count=1))
    found = read_trees(text, read_header(text)).leaf_values[:8]
    assert found.tobytes() == np.array(numbers).tobytes()


@pytest.mark.skipif(FOREST is None, reason="not built")
@pytest.mark.parametrize("name", MODELS)
def test_whole_models_are_read_without_python(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Forest.from_text(model(name)).predict(rows(9, seed=1))
    monkeypatch.setattr(trees_module, "_rows_in_python", None)
    np.testing.assert_array_equal(Forest.from_text(model(name)).predict(rows(9, seed=1)), expected)


@pytest.mark.skipif(FOREST is None, reason="not built")
@pytest.mark.parametrize(("pattern", "replacement", "message"), DAMAGE)
def test_damage_is_found_with_and_without_compiled_code(
    pattern: str, replacement: str, message: str
) -> None:
    assert_read_as_by_python(re.sub(pattern, replacement, model("nan"), count=1))


@settings(max_examples=150)
@given(data=st.data())
def test_garbled_text_is_refused_or_harmless(data: st.DataObject) -> None:
    """Whatever a few bytes are changed to: a BundleError, or a model that still predicts."""
    text = model("nan")
    end = text.index("end of trees")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, end))
        text = text[:at] + data.draw(st.characters(codec="ascii")) + text[at + 1 :]
    assert_read_as_by_python(text)
    try:
        forest = Forest.from_text(text)
    except BundleError:
        return
    assert forest.predict(rows(5, seed=1)).shape == (5,)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9])
def test_cut_text_is_refused(share: float) -> None:
    text = model("nan")[: model("nan").index("end of trees")]
    with pytest.raises(BundleError):
        Forest.from_text(text[: int(len(text) * share)])
