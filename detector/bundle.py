"""A model bundle on disk: read, verified, written.

A bundle is a directory of UTF-8 text files: `manifest.json`, and the files that it lists with
their SHA-256: models in LightGBM's text form, a table of tokens, `CARD.md`. What a manifest doesn't
list is never read.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from .errors import BundleError
from .lazy import regex

FORMAT = 1
MANIFEST = "manifest.json"
# The largest file that is read; a content model is about half a megabyte.
MAX_FILE_BYTES = 64 * 1024 * 1024

_ADVICE = "Retrain with `python -m training.train`, or install the matching version of detector"
# One path component that means the same everywhere.
_FILE_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SHA256 = regex(r"[0-9a-f]{64}")


class _Wrong(ValueError):
    """What is wrong with a bundle, before it is known which one it is."""


class Manifest(NamedTuple):
    """What a bundle says of itself.

    `library` is the version of detector that wrote it; `labels` the classes, in the order of a
    prediction's columns; `features` the names of the matrix's columns, in order, and
    `feature_digest` that of their definitions; `files` maps file names to SHA-256 in hex.
    `decision` holds numbers, or lists and mappings of numbers: thresholds and the like.
    `training` and `scores` are free JSON.
    """

    format: int
    name: str
    version: str
    library: str
    labels: tuple[str, ...]
    feature_digest: str
    features: tuple[str, ...]
    files: Mapping[str, str]
    decision: Mapping[str, Any]
    training: Mapping[str, Any]
    scores: Mapping[str, Any]

    def to_json(self) -> str:
        """The bytes of `manifest.json`: keys sorted, indented by two, a newline at the end."""
        return json.dumps(self._asdict(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class Bundle(NamedTuple):
    """A verified bundle: its manifest, and its files' text as it was when verified."""

    path: Path
    manifest: Manifest
    texts: Mapping[str, str]

    def text(self, filename: str) -> str:
        """The text of a listed file. Raises BundleError if the manifest doesn't list it."""
        try:
            return self.texts[filename]
        except KeyError:
            held = ", ".join(sorted(self.texts))
            _refuse(self.path, f"has no file {filename!r}, only {held}", self.manifest.library)

    def number(self, name: str) -> float:
        """A number of the manifest's decision. Raises BundleError if it has none of the name."""
        value = self.manifest.decision.get(name)
        if isinstance(value, (int, float)):
            return float(value)
        raise BundleError(f"{self.path}: the manifest's decision has no number {name!r}")


def load_bundle(path: Path, *, expected_features: Sequence[str], feature_digest: str) -> Bundle:
    """Read and verify the bundle in directory `path`.

    `expected_features` and `feature_digest` are those of the code that will fill the matrix.
    Raises BundleError, which names the path, what is wrong and what to do, if the manifest is
    missing, malformed or of another format, if a listed file is missing, altered, too large, not
    UTF-8 or outside the directory, or if the features are not the code's.
    """
    library = None
    try:
        if not path.is_dir():
            raise _Wrong("not a directory" if path.exists() else "no such directory")
        text = _decode(MANIFEST, _read(path, MANIFEST))
        try:
            manifest = _parse_manifest(_parse_json(text))
        except _Wrong as wrong:
            raise _Wrong(f"{MANIFEST}: {wrong}") from None
        library = manifest.library
        texts = {}
        for filename, digest in sorted(manifest.files.items()):
            content = _read(path, filename)
            found = hashlib.sha256(content).hexdigest()
            if found != digest:
                raise _Wrong(
                    f"{filename} was altered: its SHA-256 is {found}, the manifest says {digest}"
                )
            texts[filename] = _decode(filename, content)
        _check_features(manifest, expected_features, feature_digest)
    except (_Wrong, OSError) as wrong:
        _refuse(path, str(wrong), library)
    return Bundle(path, manifest, texts)


def write_bundle(
    path: Path, manifest_fields: Mapping[str, Any], files: Mapping[str, str]
) -> Manifest:
    """Write a bundle to directory `path`, replacing the bundle that is there.

    `manifest_fields` are those of `Manifest` but for `format` and `files`, which are computed.
    The same arguments give the same bytes. The directory is written beside `path` and renamed
    when complete. Raises BundleError, before anything is written, if `load_bundle` would refuse
    the result, or if `path` is something else than a bundle.
    """
    contents = {name: text.encode() for name, text in files.items()}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    try:
        for name, content in contents.items():
            _check_size(name, len(content))
        computed = {"format": FORMAT, "files": digests}
        if given := sorted(computed.keys() & manifest_fields.keys()):
            raise _Wrong(f"{', '.join(given)}: computed, not given")
        # Through JSON and back: what is written is what will be read.
        try:
            values = json.loads(json.dumps({**manifest_fields, **computed}, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise _Wrong(f"{MANIFEST}: {error}") from error
        manifest = _parse_manifest(values)
        contents[MANIFEST] = manifest.to_json().encode()
        _check_size(MANIFEST, len(contents[MANIFEST]))
        replaces = _replaces(path)
    except _Wrong as wrong:
        raise BundleError(f"bundle {path}: not written: {wrong}") from wrong

    import shutil  # with modules that reading a bundle has no use for

    path.parent.mkdir(parents=True, exist_ok=True)
    token = os.urandom(4).hex()
    fresh = path.with_name(f".{path.name}.{token}.new")
    stale = path.with_name(f".{path.name}.{token}.old")
    fresh.mkdir()
    try:
        for name, content in contents.items():
            (fresh / name).write_bytes(content)
        if replaces:
            path.rename(stale)
        fresh.rename(path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if stale.exists() and not path.exists():
            stale.rename(path)
        shutil.rmtree(stale, ignore_errors=True)
    return manifest


def _replaces(path: Path) -> bool:
    """Whether a directory stands at `path`; what isn't a bundle, or empty, is not replaced."""
    if not path.is_symlink():
        if not path.exists():
            return False
        if path.is_dir() and ((path / MANIFEST).is_file() or not any(path.iterdir())):
            return True
    raise _Wrong("would replace what is not a bundle")


def feature_digest(rows: Iterable[tuple[str, ...]]) -> str:
    """SHA-256, in hex, of a table of features: one row of strings (name, group, doc) for each.

    >>> feature_digest([("words", "text", "Words.")])[:12]
    '5e7a21435bd9'
    """
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=True).encode() + b"\n")
    return digest.hexdigest()


def _refuse(path: Path, what: str, library: str | None) -> NoReturn:
    written_by = "" if library is None else f" (the bundle was written by {library})"
    raise BundleError(f"bundle {path}: {what}. {_ADVICE}{written_by}.")


def _read(directory: Path, filename: str) -> bytes:
    file = directory / filename
    try:
        leads_out = file.is_symlink() and not file.resolve().is_relative_to(directory.resolve())
        if leads_out:
            raise _Wrong(f"{filename} is a link that leads out of the bundle")
        if not file.is_file():
            raise _Wrong(f"{filename} is missing" if not file.exists() else f"{filename}: no file")
        _check_size(filename, file.stat().st_size)
        content = file.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        raise _Wrong(f"{filename} can't be read: {error}") from error
    return content


def _check_size(filename: str, size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise _Wrong(f"{filename} is larger than {MAX_FILE_BYTES} bytes, the limit")


def _decode(filename: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _Wrong(f"{filename} is not UTF-8: {error}") from error


def _parse_json(text: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values = dict(pairs)
        if len(values) != len(pairs):
            raise _Wrong("not the expected JSON: a key stands twice")
        return values

    def constant(name: str) -> NoReturn:
        raise _Wrong(f"not JSON: {name}")

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except _Wrong:
        raise
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"not JSON: {error}") from error


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_numbers(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_numbers(item) for item in value.values())
    if isinstance(value, list):
        return all(_is_numbers(item) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _is_files(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(digest, str) and _SHA256.fullmatch(digest) for digest in value.values()
    )


_Check = tuple[Callable[[Any], bool], str]
_TEXT: _Check = (lambda value: isinstance(value, str), "a string")
_TEXTS: _Check = (_is_texts, "a list of strings")
_OBJECT: _Check = (lambda value: isinstance(value, dict), "an object")
_SCHEMA: dict[str, _Check] = {
    "format": (lambda value: type(value) is int, "an integer"),
    "name": _TEXT,
    "version": _TEXT,
    "library": _TEXT,
    "labels": _TEXTS,
    "feature_digest": _TEXT,
    "features": _TEXTS,
    "files": (_is_files, "an object of file names and SHA-256 in hex"),
    "decision": (
        lambda value: isinstance(value, dict) and _is_numbers(value),
        "an object of numbers, or of lists and objects of numbers",
    ),
    "training": _OBJECT,
    "scores": _OBJECT,
}


def _parse_manifest(value: Any) -> Manifest:
    if not isinstance(value, dict):
        raise _Wrong("not an object")
    # The format first: another one may have other fields.
    if "format" in value and value["format"] != FORMAT:
        raise _Wrong(f"format is {value['format']!r}, this version reads {FORMAT}")
    for problem, names in (
        ("missing", _SCHEMA.keys() - value.keys()),
        ("not known", value.keys() - _SCHEMA.keys()),
    ):
        if names:
            raise _Wrong(f"{problem}: {_listed(sorted(names))}")
    for name, (check, expected) in _SCHEMA.items():
        if not check(value[name]):
            raise _Wrong(f"{name} is not {expected}")
    for filename in value["files"]:
        if not _FILE_NAME.fullmatch(filename) or filename.lower() == MANIFEST:
            raise _Wrong(f"{filename!r} can't be the name of a listed file")
    values = {**value, "labels": tuple(value["labels"]), "features": tuple(value["features"])}
    return Manifest(**values)


def _check_features(manifest: Manifest, expected: Sequence[str], digest: str) -> None:
    ours, theirs = list(expected), list(manifest.features)
    differences = []
    known, listed = set(ours), set(theirs)
    if added := [name for name in ours if name not in listed]:
        differences.append(f"added in the code: {_listed(added)}")
    if removed := [name for name in theirs if name not in known]:
        differences.append(f"removed from the code: {_listed(removed)}")
    if differences:
        raise _Wrong(f"its features are not the code's; {'; '.join(differences)}")
    if ours != theirs:
        if len(ours) != len(theirs):
            raise _Wrong(f"it lists {len(theirs)} features, some of them twice; {len(ours)} here")
        column = next(i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b)
        raise _Wrong(
            "its features are the code's in another order: "
            f"column {column} is {theirs[column]!r} there, {ours[column]!r} here"
        )
    if manifest.feature_digest != digest:
        raise _Wrong(
            "its features have the code's names and order, but not their definitions: their "
            f"digest is {manifest.feature_digest!r} there, {digest!r} here"
        )


def _listed(names: Sequence[str], most: int = 10) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
