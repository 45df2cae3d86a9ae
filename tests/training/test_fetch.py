from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from training import fetch, manifests
from training.corpora import CorpusError, read_corpus, read_entries
from training.fetch import extract, problems
from training.sources import Row, Source, load_manifest, load_sources, manifest_text

SOURCES = """
[zh]
name = "two pages"
owner = "someone"
repository = "pages"
commit = "abc"
archive = "someone+pages@abc.tar.gz"
labels_licence = "none stated"
pages_licence = "none"
role = "validate"
also = {"extra.json" = "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"}
"""
FILES = {
    "pages-abc/source_html/qq/1.html": "<p>一",
    "pages-abc/label_content/qq/1.txt": "一",
    "pages-abc/source_html/qq/2.html": "<p>二",
    "pages-abc/label_content/qq/2.txt": "二",
    "pages-abc/extra.json": "{}\n",
}
UNUSED = {"pages-abc/source_html/qq/3.html": "<p>三", "pages-abc/label_content/qq/3.txt": "三"}


def pack(path: Path, files: dict[str, str]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            data = text.encode("utf-8")
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a manifest of two pages, and a mirror whose archive holds them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DETECTOR_MIRROR", "mirror")
    monkeypatch.setenv("DETECTOR_CACHE", str(tmp_path / "cache"))
    (tmp_path / "mirror").mkdir()
    folder = tmp_path / "datasets"
    folder.mkdir()
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    pack(tmp_path / "mirror/someone+pages@abc.tar.gz", FILES)
    assert manifests.main([], folder) == 0
    return folder


def repack(datasets: Path, changed: dict[str, str | None]) -> None:
    merged: dict[str, str | None] = {**FILES, **changed}
    kept = {name: text for name, text in merged.items() if text is not None}
    pack(datasets.parent / "mirror/someone+pages@abc.tar.gz", kept)


def cache_of(datasets: Path) -> list[str]:
    cache = datasets.parent / "cache"
    return sorted(path.name for path in cache.iterdir()) if cache.is_dir() else []


def test_manifest(datasets: Path) -> None:
    rows = load_manifest("zh", datasets)
    assert [(row.id, row.html, row.gold, row.site) for row in rows] == [
        ("zh/qq/1", "source_html/qq/1.html", "label_content/qq/1.txt", "qq.com"),
        ("zh/qq/2", "source_html/qq/2.html", "label_content/qq/2.txt", "qq.com"),
    ]
    assert (datasets / "manifests/zh.jsonl").read_text(encoding="utf-8") == manifest_text(rows)


def test_manifest_says_what_changed(datasets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repack(datasets, {**UNUSED, "pages-abc/source_html/qq/1.html": "<p>other"})
    assert manifests.main(["zh"], datasets) == 0
    assert "zh: 3 pages; 1 added, 0 removed, 1 changed" in capsys.readouterr().out
    assert manifests.main(["nonsense"], datasets) == 1


def test_fetch_takes_what_the_manifest_names(
    datasets: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repack(datasets, dict(UNUSED))
    assert fetch.main([], datasets) == 0
    assert [page.id for page in read_corpus("zh")] == ["zh/qq/1", "zh/qq/2"]
    assert cache_of(datasets) == ["zh"]
    (datasets.parent / "mirror/someone+pages@abc.tar.gz").unlink()
    assert fetch.main(["zh"], datasets) == 0
    assert capsys.readouterr().out.endswith("zh: 2 pages fetched\nzh: 2 pages there already\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"pages-abc/source_html/qq/2.html": "<p>other"}, "zh/qq/2: source_html/qq/2.html differs"),
        ({"pages-abc/label_content/qq/1.txt": "?"}, "zh/qq/1: its gold in label_content/qq/1.txt"),
        ({"pages-abc/source_html/qq/2.html": None}, "zh/qq/2: source_html/qq/2.html is missing"),
        ({"pages-abc/label_content/qq/2.txt": None}, "zh/qq/2: label_content/qq/2.txt is missing"),
        ({"pages-abc/extra.json": "[]"}, "extra.json differs"),
        ({"pages-abc/extra.json": None}, "extra.json is missing"),
    ],
)
def test_fetch_refuses_other_pages_by_name(
    datasets: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, str | None], said: str
) -> None:
    repack(datasets, changed)
    assert fetch.main(["zh"], datasets) == 1
    assert said in capsys.readouterr().err
    assert cache_of(datasets) == []


def test_a_damaged_cache_is_replaced_only_by_a_whole_one(datasets: Path) -> None:
    assert fetch.main([], datasets) == 0
    page = datasets.parent / "cache/zh/source_html/qq/1.html"
    page.write_text("<p>damaged", encoding="utf-8")
    repack(datasets, {"pages-abc/source_html/qq/2.html": None})
    assert fetch.main([], datasets) == 1
    assert page.read_text(encoding="utf-8") == "<p>damaged"
    repack(datasets, {})
    assert fetch.main([], datasets) == 0
    assert page.read_text(encoding="utf-8") == "<p>一"
    assert cache_of(datasets) == ["zh"]


def test_fetch_without_an_archive(datasets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = datasets.parent / "mirror/someone+pages@abc.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-40])
    assert fetch.main([], datasets) == 1
    assert "cannot unpack" in capsys.readouterr().err
    archive.unlink()
    assert fetch.main(["zh", "nonsense"], datasets) == 1
    said = capsys.readouterr().err
    assert "there is no someone+pages@abc.tar.gz in mirror" in said
    assert "nonsense: no such set; there are zh" in said
    assert cache_of(datasets) == []


def test_download(datasets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = datasets.parent / "mirror/someone+pages@abc.tar.gz"
    asked = []

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        asked.append(url)
        if not archive.is_file():
            raise OSError("unreachable")
        return io.BytesIO(archive.read_bytes())

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    monkeypatch.delenv("DETECTOR_MIRROR")
    assert fetch.main([], datasets) == 0
    assert asked == ["https://codeload.github.com/someone/pages/tar.gz/abc"]
    assert len(list(read_corpus("zh"))) == 2
    archive.unlink()
    with pytest.raises(CorpusError, match=r"cannot download https://codeload.*unreachable"):
        fetch.download(load_sources(datasets)["zh"].url, datasets / "x")


@pytest.mark.parametrize("name", ["top/../../evil", "top//etc/evil", "top/a/../../../evil"])
def test_extract_never_leaves_its_folder(tmp_path: Path, name: str) -> None:
    pack(tmp_path / "a.tar.gz", {"top/good": "x", name: "x"})
    with pytest.raises(CorpusError, match="leads out"):
        extract(tmp_path / "a.tar.gz", tmp_path / "in/to")
    extract(tmp_path / "a.tar.gz", tmp_path / "some", {"good"})
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()].count("evil") == 0


def test_extract_passes_over_links(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo("top/link")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        tar.addfile(link)
        inner = tarfile.TarInfo("top/link/evil")
        tar.addfile(inner, io.BytesIO())
    extract(tmp_path / "a.tar.gz", tmp_path / "out")
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "out/link").is_symlink()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 1"),
        ('{"id": "zh/qq/1"}', "line 1"),
        (json.dumps(dict.fromkeys(Row.__slots__, "../x")), "leads out"),
        (json.dumps(dict.fromkeys(Row.__slots__, "/etc/x")), "leads out"),
        ("\n".join([json.dumps(dict.fromkeys(Row.__slots__, "x"))] * 2), "stands there twice"),
    ],
)
def test_manifest_errors(datasets: Path, line: str, said: str) -> None:
    (datasets / "manifests/zh.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(CorpusError, match=said):
        load_manifest("zh", datasets)


def test_missing_lists(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"training\.manifests"):
        load_manifest("zh", tmp_path)
    with pytest.raises(CorpusError, match=r"sources\.toml"):
        load_sources(tmp_path)
    assert fetch.main([], tmp_path) == manifests.main([], tmp_path) == 1


def test_gold_records_of_a_shared_file_are_checked_one_by_one(tmp_path: Path) -> None:
    def write(body: str, more: dict[str, object]) -> None:
        record = {"url": "https://a.example/", "articleBody": body}
        (tmp_path / "ground-truth.json").write_text(json.dumps({"p": record, **more}))

    (tmp_path / "html").mkdir()
    (tmp_path / "html/p.html.gz").write_bytes(gzip.compress(b"<p>x"))
    write("x", {})
    source = Source("aeb", "-", "-", "-", "-", "-", "-", "-", "-")
    entry = next(iter(read_entries("aeb", tmp_path)))
    row = Row("aeb/p", entry.html_path, entry.page.sha256, entry.gold_path, entry.gold_sha256, "-")
    write("x", {"a page more": {"url": "https://b.example/", "articleBody": "y"}})
    assert problems(source, [row], tmp_path) == []
    write("y", {})
    assert problems(source, [row], tmp_path) == ["aeb/p: its gold in ground-truth.json differs"]
    write("x", {})
    assert problems(source, [], tmp_path) == ["aeb/p: is not in the manifest"]


def test_sources_of_this_repository() -> None:
    sources = load_sources()
    assert list(sources) == ["wcxb", "aeb", "traf", "waddle", "zh"]
    for source in sources.values():
        assert source.archive == f"{source.owner}+{source.repository}@{source.commit}.tar.gz"
        assert load_manifest(source.key)
