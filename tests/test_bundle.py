"""A bundle is read as it was written, or refused with a reason."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detector import bundle as module
from detector.bundle import Bundle, Manifest, feature_digest, load_bundle, write_bundle
from detector.errors import BundleError

LIMIT = 100_000
FEATURES = ("words", "links", "depth")
DIGEST = feature_digest((name, "block", f"The {name}.") for name in FEATURES)

FIELDS: dict[str, Any] = {
    "name": "base",
    "version": "1",
    "library": "0.1.0",
    "labels": ["boilerplate", "content"],
    "feature_digest": DIGEST,
    "features": list(FEATURES),
    "decision": {"cap": 0.6, "by_type": {"forum": [1, 2.5]}},
    "training": {"pages": ["é", "b"], "seed": 1},
    "scores": {"f1": None},
}
FILES = {
    "content.txt": "tree\nversion=v4\n",
    "tokens.tsv": "nav\t-1.5\n",
    "CARD.md": "# Modèle\n",
}


def load(path: Path) -> Bundle:
    return load_bundle(path, expected_features=FEATURES, feature_digest=DIGEST)


def edit(path: Path, **changes: Any) -> None:
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    manifest.update(changes)
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "models" / "base"
    write_bundle(path, FIELDS, FILES)
    return path


# --- what is written is read


def test_round_trip(bundle: Path) -> None:
    loaded = load(bundle)
    manifest = loaded.manifest
    assert loaded.path == bundle
    assert (manifest.format, manifest.name, manifest.version) == (1, "base", "1")
    assert manifest.features == FEATURES
    assert manifest.labels == ("boilerplate", "content")
    assert manifest.decision == FIELDS["decision"]
    assert manifest.training == FIELDS["training"]
    assert manifest.scores == FIELDS["scores"]
    assert sorted(manifest.files) == sorted(FILES)
    for name, text in FILES.items():
        assert loaded.text(name) == text


def test_bytes_are_deterministic(tmp_path: Path) -> None:
    for name, fields in (("a", FIELDS), ("b", dict(reversed(FIELDS.items())))):
        write_bundle(tmp_path / name, fields, dict(reversed(FILES.items())))
    for name in (*FILES, "manifest.json"):
        content = (tmp_path / "a" / name).read_bytes()
        assert content == (tmp_path / "b" / name).read_bytes()
        assert content.endswith(b"\n")
        assert b"\r" not in content
    keys = list(json.loads((tmp_path / "a" / "manifest.json").read_bytes()))
    assert keys == sorted(keys)


def test_manifest_returned_is_the_one_read(tmp_path: Path) -> None:
    written = write_bundle(tmp_path / "b", FIELDS, FILES)
    assert isinstance(written, Manifest)
    assert load(tmp_path / "b").manifest == written


def test_text_is_that_which_was_verified(bundle: Path) -> None:
    loaded = load(bundle)
    (bundle / "content.txt").write_text("other")
    assert loaded.text("content.txt") == FILES["content.txt"]
    assert pickle.loads(pickle.dumps(loaded)) == loaded


def test_unlisted_files_do_not_matter(bundle: Path) -> None:
    (bundle / "notes.bin").write_bytes(b"\xff\x00")
    loaded = load(bundle)
    with pytest.raises(BundleError, match=r"no file 'notes.bin', only CARD.md, content.txt"):
        loaded.text("notes.bin")


def test_directory_may_be_a_link(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(bundle, target_is_directory=True)
    assert load(tmp_path / "link").text("CARD.md") == FILES["CARD.md"]


def test_link_within_the_bundle(bundle: Path) -> None:
    (bundle / "content.txt").rename(bundle / "real.txt")
    (bundle / "content.txt").symlink_to("real.txt")
    assert load(bundle).text("content.txt") == FILES["content.txt"]


# --- damage: what is done to the directory, what the error says


def remove(name: str) -> Callable[[Path], object]:
    return lambda path: (path / name).unlink()


def put(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda path: (path / name).write_bytes(content)


def say(**changes: Any) -> Callable[[Path], object]:
    return lambda path: edit(path, **changes)


def drop(key: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        manifest = json.loads((path / "manifest.json").read_bytes())
        del manifest[key]
        (path / "manifest.json").write_text(json.dumps(manifest))

    return damage


def list_file(name: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        files = json.loads((path / "manifest.json").read_bytes())["files"]
        edit(path, files={**files, name: "0" * 64})

    return damage


def link_out(name: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        outside = path.parent / f"outside-{name}"
        (path / name).rename(outside)
        (path / name).symlink_to(outside)

    return damage


def link_to_itself(path: Path) -> None:
    remove("content.txt")(path)
    (path / "content.txt").symlink_to("content.txt")


def directory_for_file(path: Path) -> None:
    remove("content.txt")(path)
    (path / "content.txt").mkdir()


def pipe_for_file(path: Path) -> None:
    remove("content.txt")(path)
    os.mkfifo(path / "content.txt")


def not_a_directory(path: Path) -> None:
    path.rename(path.parent / "moved")
    path.write_text("")


def move_away(path: Path) -> None:
    path.rename(path.parent / "moved")


DAMAGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "no directory": (move_away, "no such directory"),
    "file for directory": (not_a_directory, "not a directory"),
    "no manifest": (remove("manifest.json"), "manifest.json is missing"),
    "empty manifest": (put("manifest.json", b""), "manifest.json: not JSON"),
    "cut manifest": (put("manifest.json", b'{"format": 1,'), "manifest.json: not JSON"),
    "binary manifest": (put("manifest.json", b"\xff"), "manifest.json is not UTF-8"),
    "list for manifest": (put("manifest.json", b"[]"), "manifest.json: not an object"),
    "deep manifest": (put("manifest.json", b"[" * 50_000), "manifest.json: not JSON"),
    "key twice": (put("manifest.json", b'{"a": 1, "a": 1}'), "a key stands twice"),
    "not a number": (put("manifest.json", b'{"a": NaN}'), "manifest.json: not JSON: NaN"),
    "format to come": (say(format=2), "format is 2, this version reads 1"),
    "format as text": (say(format="1"), "format is '1', this version reads 1"),
    "format as truth": (say(format=True), "format is not an integer"),
    "no format": (drop("format"), "missing: format"),
    "no scores": (drop("scores"), "missing: scores"),
    "unknown key": (say(colour="red"), "not known: colour"),
    "name is a number": (say(name=1), "name is not a string"),
    "labels are text": (say(labels="content"), "labels is not a list of strings"),
    "features hold numbers": (say(features=["words", 1]), "features is not a list of strings"),
    "files are a list": (say(files=[]), "files is not an object of file names"),
    "digest too short": (say(files={"content.txt": "abc"}), "files is not an object of file"),
    "decision in words": (say(decision={"cap": "high"}), "decision is not an object of numbers"),
    "decision is infinite": (
        lambda path: (path / "manifest.json").write_text(
            (path / "manifest.json").read_text().replace("0.6", "1e999")
        ),
        "decision is not an object of numbers",
    ),
    "training is a list": (say(training=[]), "training is not an object"),
    "path up": (list_file("../content.txt"), "'../content.txt' can't be the name"),
    "path down": (list_file("a/b.txt"), "'a/b.txt' can't be the name"),
    "backslash": (list_file("a\\b.txt"), "can't be the name"),
    "absolute": (list_file("/etc/hostname"), "'/etc/hostname' can't be the name"),
    "dots": (list_file(".."), "'..' can't be the name"),
    "no name": (list_file(""), "'' can't be the name"),
    "newline": (list_file("a.txt\n"), "can't be the name"),
    "itself": (list_file("manifest.json"), "'manifest.json' can't be the name"),
    "file missing": (remove("content.txt"), "content.txt is missing"),
    "file listed, never written": (list_file("more.txt"), "more.txt is missing"),
    "file altered": (put("content.txt", b"tree\nversion=v3\n"), "content.txt was altered"),
    "line ends altered": (put("content.txt", b"tree\r\nversion=v4\r\n"), "content.txt was altered"),
    "file cut": (put("content.txt", b"tree\n"), "content.txt was altered"),
    "file too large": (put("content.txt", b"x" * (LIMIT + 1)), "content.txt is larger than"),
    "manifest too large": (put("manifest.json", b" " * (LIMIT + 1)), "manifest.json is larger"),
    "link out": (link_out("content.txt"), "content.txt is a link that leads out"),
    "manifest linked": (link_out("manifest.json"), "manifest.json is a link that leads out"),
    "link to itself": (link_to_itself, "content.txt"),
    "directory for file": (directory_for_file, "content.txt: no file"),
    "pipe for file": (pipe_for_file, "content.txt: no file"),
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_damage(bundle: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    damage, message = DAMAGE[fault]
    monkeypatch.setattr(module, "MAX_FILE_BYTES", LIMIT)
    load(bundle)
    damage(bundle)
    with pytest.raises(BundleError) as caught:
        load(bundle)
    said = str(caught.value)
    assert said.startswith(f"bundle {bundle}: ")
    assert message in said
    assert "python -m training.train" in said
    assert "install the matching version" in said


def test_file_that_is_no_text(bundle: Path) -> None:
    content = b"\xff\xfe"
    (bundle / "content.txt").write_bytes(content)
    edit(bundle, files={"content.txt": hashlib.sha256(content).hexdigest()})
    with pytest.raises(BundleError, match=r"content.txt is not UTF-8"):
        load(bundle)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_file_that_may_not_be_read(bundle: Path) -> None:
    (bundle / "content.txt").chmod(0)
    with pytest.raises(BundleError, match=r"content.txt can't be read"):
        load(bundle)


# --- features: the code's, and what is said when the bundle's are others

MANY = tuple(f"f{i}" for i in range(12))

OTHERS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "added": (("words", "links", "depth", "tag"), DIGEST, "added in the code: tag"),
    "removed": (("words", "depth"), DIGEST, "removed from the code: links"),
    "renamed": (
        ("words", "anchors", "depth"),
        DIGEST,
        "added in the code: anchors; removed from the code: links",
    ),
    "many": (FEATURES + MANY, DIGEST, "f8, f9 and 2 more"),
    "reordered": (
        ("words", "depth", "links"),
        DIGEST,
        "in another order: column 1 is 'links' there, 'depth' here",
    ),
    "twice": (("words", "links", "depth", "links"), DIGEST, "lists 3 features"),
    "redefined": (FEATURES, "0" * 64, "names and order, but not their definitions"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_features(bundle: Path, case: str) -> None:
    features, digest, message = OTHERS[case]
    with pytest.raises(BundleError) as caught:
        load_bundle(bundle, expected_features=features, feature_digest=digest)
    assert str(caught.value).startswith(f"bundle {bundle}: ")
    assert message in str(caught.value)
    assert "(the bundle was written by 0.1.0)" in str(caught.value)


# --- writing


def test_replaces_a_bundle(bundle: Path) -> None:
    write_bundle(bundle, {**FIELDS, "version": "2"}, {"CARD.md": "new\n"})
    loaded = load(bundle)
    assert loaded.manifest.version == "2"
    assert sorted(path.name for path in bundle.iterdir()) == ["CARD.md", "manifest.json"]
    assert [path.name for path in bundle.parent.iterdir()] == ["base"]


def test_fills_an_empty_directory(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    write_bundle(tmp_path / "b", FIELDS, FILES)
    load(tmp_path / "b")


@pytest.mark.parametrize("when", ["write", "swap"])
def test_failure_leaves_the_old_bundle(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    before = load(bundle)

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    rename = Path.rename
    if when == "write":
        monkeypatch.setattr(Path, "write_bytes", full)
    else:
        monkeypatch.setattr(
            Path,
            "rename",
            lambda path, to: full() if path.name.endswith(".new") else rename(path, to),
        )
    with pytest.raises(OSError, match="no space"):
        write_bundle(bundle, {**FIELDS, "version": "2"}, FILES)
    monkeypatch.undo()
    assert load(bundle) == before
    assert [path.name for path in bundle.parent.iterdir()] == ["base"]


def test_replaces_nothing_else(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "diary.txt").write_text("dear diary")
    link = tmp_path / "link"
    link.symlink_to(home)
    for path in (home, link, home / "diary.txt"):
        with pytest.raises(BundleError, match="would replace what is not a bundle"):
            write_bundle(path, FIELDS, FILES)
    assert (home / "diary.txt").read_text() == "dear diary"


UNWRITABLE: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "file name": ({}, {"../x": ""}, "'../x' can't be the name"),
    "manifest as file": ({}, {"manifest.json": ""}, "'manifest.json' can't be the name"),
    "given files": ({"files": {}}, {}, "files: computed, not given"),
    "given format": ({"format": 1}, {}, "format: computed, not given"),
    "unknown field": ({"colour": 1}, {}, "not known: colour"),
    "not JSON": ({"scores": {"f1": {1}}}, {}, "manifest.json: Object of type set"),
    "not finite": ({"scores": {"f1": float("nan")}}, {}, "manifest.json: Out of range"),
    "decision": ({"decision": {"cap": None}}, {}, "decision is not an object of numbers"),
    "large file": ({}, {"big.txt": "x" * (LIMIT + 1)}, "big.txt is larger than 100000 bytes"),
    "large manifest": ({"name": "x" * LIMIT}, {}, "manifest.json is larger than 100000 bytes"),
}


@pytest.mark.parametrize("fault", UNWRITABLE)
def test_unwritable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    changes, files, message = UNWRITABLE[fault]
    monkeypatch.setattr(module, "MAX_FILE_BYTES", LIMIT)
    with pytest.raises(BundleError) as caught:
        write_bundle(tmp_path / "b", {**FIELDS, **changes}, {**FILES, **files})
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


# --- digest of the features' definitions


def test_feature_digest_sees_every_change() -> None:
    row = ("words", "text", "Words.")
    tables: list[list[tuple[str, ...]]] = [
        [],
        [row],
        [row, row],
        [row, ("links", "text", "Links.")],
        [("links", "text", "Links."), row],
        [("words", "text", "Words")],
        [("words", "texts", "Words.")],
        [("wordst", "ext", "Words.")],
        [("words", "text\nWords.")],
        [("words",), ("text",), ("Words.",)],
    ]
    assert len({feature_digest(table) for table in tables}) == len(tables)
    assert feature_digest(iter([row])) == feature_digest([row])
