"""What a bundle's files must be for a model to come of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.bundle import write_bundle
from detector.errors import BundleError
from detector.model import DEFAULT_BUNDLE, TOKEN_FILE, load_model


def with_tokens(folder: Path, table: str) -> Path:
    """The shipped bundle with another table of tokens, and the digest of that."""
    manifest = load_model().manifest
    fields = manifest._asdict()
    files = {name: (DEFAULT_BUNDLE / name).read_text("utf-8") for name in fields.pop("files")}
    del fields["format"]
    write_bundle(folder / "other", fields, {**files, TOKEN_FILE: table})
    return folder / "other"


@pytest.mark.parametrize(
    "table",
    [
        "caa\t1.5",  # no line feed at its end
        "caa\n",
        "caa\tone\n",
        "caa\tnan\n",
        "caa\t1.5\t2.5\n",
        "caa\t1.5\ncaa\t1.5\n",
        "xaa\t1.5\n",
        "\t1.5\n",
    ],
)
def test_tokens_that_are_no_table(table: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"tokens\.tsv must map tokens to numbers"):
        load_model(with_tokens(tmp_path, table))


def test_tokens_of_a_bundle(tmp_path: Path) -> None:
    names = load_model(with_tokens(tmp_path, "caa\t1.5\nwnav\t-1e-05\n")).names
    assert names.wholes["c"] == {"aa": 1.5}
    assert names.words["nav"] == (1, -1e-05, 1)
    assert load_model(with_tokens(tmp_path, "")).names.wholes["c"] == {}
