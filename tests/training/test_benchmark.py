"""The benchmark on our own pages: its processes, its store, its measures, its tables."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import pytest

from detector import Detector
from detector.model import load_model
from training.benchmark import ours, processes, tables
from training.benchmark.__main__ import PICTURES, ROOT, document_parts, main, readme_part, tables_of
from training.benchmark.extractors import BY_NAME, EXTRACTORS, OURS, Extractor, Task
from training.benchmark.leak import leaks, runs_of
from training.benchmark.ours import unseen_outputs
from training.benchmark.pages import benchmark_pages, task_of
from training.benchmark.processes import Worker, WorkerError
from training.benchmark.run import collect, time_extractors
from training.benchmark.scores import consent_leak, failures, quality, speed
from training.benchmark.store import Lines, Store
from training.consent.labels import FOLDS, ConsentLabels, RootLabel
from training.corpora import LabelledPage
from training.own import own_labelled_pages

SECRET = "Wir und unsere Partner verwenden Cookies auf dieser Seite"
PAGE = f"""<html><body><main><h1>Ein Tag</h1>
<p>Es regnete am Morgen, und dann nicht mehr.</p></main>
<div id=c><p>{SECRET}</p><button>Annehmen</button></div></body></html>"""


def labelled(html: str, gold: str = "", set_: str = "wcxb") -> LabelledPage:
    return LabelledPage(
        set_, f"{set_}/a", html.encode(), None, "a.example", "de", "article", gold, (), (), "0" * 64
    )


# Processes


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Extractor:
    """An extractor that prints, raises, dies or hangs as its page tells it to."""
    script = tmp_path / "fake.py"
    script.write_text(
        "import os, sys\n"
        "from training.benchmark import extractors, worker\n"
        "def run(task):\n"
        "    if task.html == 'raise': raise OverflowError\n"
        "    if task.html == 'die': os._exit(3)\n"
        "    while task.html == 'hang': pass\n"
        "    print('noise'); return task.html.upper()\n"
        "extractors.BY_NAME['fake'] = extractors.Extractor('fake', 'detector', lambda: run)\n"
        "sys.exit(worker.main())\n"
    )
    start = f"import runpy, sys; sys.path.insert(0, '.'); runpy.run_path({str(script)!r})"
    command = [sys.executable, "-c", start, "fake"]
    monkeypatch.setattr(processes, "command_of", lambda extractor: command)
    return Extractor("fake", "detector", None)


def test_a_failing_page_costs_no_other_page(fake: Extractor) -> None:
    with Worker(fake, timeout=0.5) as worker:
        answers = [
            worker.run(Task(html, None, "en")) for html in ("a", "raise", "die", "b", "hang", "c")
        ]
    assert [answer.output for answer in answers] == ["A", "", "", "B", "", "C"]
    assert [answer.failure for answer in answers] == [
        None, "OverflowError", "crash", None, "timeout", None,
    ]  # fmt: skip
    assert answers[1].cpu is not None
    assert answers[4].cpu is None


def test_a_process_that_does_not_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "command_of", lambda extractor: [sys.executable, "-c", ""])
    with pytest.raises(WorkerError, match="trafilatura"):
        Worker(BY_NAME["trafilatura"], 1.0).run(Task("", None, "en"))


@pytest.mark.parametrize(
    "extractor", [each for each in EXTRACTORS if not each.baseline], ids=lambda each: each.name
)
def test_every_extractor_finds_the_article(extractor: Extractor) -> None:
    if extractor.version() is None:
        pytest.skip(f"{extractor.name} is not installed: {extractor.remedy}")
    page = next(page for page in own_labelled_pages() if page.id == "own/en-article-night-tram")
    with Worker(extractor, 30.0) as worker:
        answer = worker.run(task_of(page))
    assert answer.failure is None
    assert answer.cpu is not None
    assert (answer.peak_kib or 0) > 1024
    sentence = max((page.gold or "").split("\n\n"), key=len)[:40]
    assert sentence in " ".join(answer.output.split())


# Pages and store


def test_a_declaration_and_nuls_are_taken_out() -> None:
    page = labelled('<?xml version="1.0" encoding="utf-16"?>\n<p>a\0b</p>')
    assert task_of(page).html == "\n<p>ab</p>"


def test_a_stopped_run_goes_on(tmp_path: Path, fake: Extractor) -> None:
    pages = [labelled("a"), labelled("raise", set_="aeb")]
    collect([fake], pages[:1], 5.0, tmp_path)
    path = next(tmp_path.glob("*.jsonl"))
    with path.open("a") as file:
        file.write('{"id": "aeb/a", "te')  # as if stopped in the middle of a line
    collect([fake], pages, 5.0, tmp_path)
    outputs = list(Store(fake, tmp_path).outputs())
    assert [(each.id, each.text, each.failure) for each in outputs] == [
        ("wcxb/a", "A", None),
        ("aeb/a", "", "OverflowError"),
    ]
    before = path.read_bytes()
    collect([fake], pages, 5.0, tmp_path)
    assert path.read_bytes() == before


def test_lines_that_were_cut_short_are_dropped(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "a.jsonl")
    assert list(lines.read()) == []
    lines.add({"a": "ä\u2028"})
    with lines.path.open("a") as file:
        file.write('{"b"')
    assert list(lines.read()) == [{"a": "ä\u2028"}]
    lines.add({"c": 1})
    assert list(lines.read()) == [{"a": "ä\u2028"}, {"c": 1}]


def test_times_are_taken_once(tmp_path: Path, fake: Extractor) -> None:
    pages = [labelled("a"), labelled("hang", set_="aeb")]
    records = time_extractors([fake], pages, 2, 0.5, tmp_path)
    assert {record["id"] for record in records} == {"wcxb/a", "aeb/a"}
    found = {record["id"]: record["extractors"]["fake"]["cpu"] for record in records}
    assert found["aeb/a"] == 0.5
    assert 0 <= found["wcxb/a"] < 0.5
    assert time_extractors([fake], pages, 2, 0.5, tmp_path) == records


# Measures


def consent(xpath: str, kind: str = "banner") -> ConsentLabels:
    root = RootLabel(xpath, kind, None, None, None, ())
    return ConsentLabels("wcxb/a", "0" * 64, "a.example", "de", 0, "banner", (root,), (), (), ())


def test_leak_is_five_words_of_the_banner_alone() -> None:
    page = labelled(PAGE)
    runs = runs_of(page, consent("/html/body/div"))
    assert leaks(f"Es regnete. {SECRET}", runs)
    assert leaks("wir und UNSERE Partner: verwenden", runs)
    assert not leaks("Wir und unsere Partner", runs)
    assert not leaks("Es regnete am Morgen, und dann nicht mehr.", runs)


def test_what_stands_elsewhere_or_was_kept_is_no_leak() -> None:
    twice = labelled(PAGE.replace("<h1>", f"<p>{SECRET}</p><h1>"))
    assert not leaks(SECRET, runs_of(twice, consent("/html/body/div")))
    kept = labelled(PAGE, gold=SECRET)
    assert not leaks(SECRET, runs_of(kept, consent("/html/body/div")))
    assert not runs_of(labelled(PAGE), consent("/html/body/div", kind="reopen"))


def test_quality_of_cross_validated_texts_is_the_mean_of_the_seeds() -> None:
    page = labelled(PAGE, gold="Ein Tag")
    row = quality([page], {page.id: ["Ein Tag", "Ein"]})
    assert row["wcxb"]["f1"] == pytest.approx((1 + 2 / 3) / 2)
    assert row["wcxb article"]["pages"] == 1
    assert set(row) == {"wcxb", "wcxb article"}


def test_leak_failures_and_speed_are_summed() -> None:
    runs = {"a": frozenset([("1", "2", "3", "4", "5")]), "b": frozenset([("x",) * 5])}
    row = consent_leak(runs, {"a": ["1 2 3 4 5", ""], "b": [""]})
    assert row is not None
    assert row["share"] == 0.25
    assert consent_leak({}, {}) is None
    assert failures([None, "timeout", "timeout"]) == {"timeout": 2}
    start = {"start_cpu": 1.0, "start_kib": 1024}
    times = [
        {"bytes": 1000, "extractors": {"a": {**start, "cpu": cpu, "peak_kib": k}}}
        for cpu, k in ((0.001, 2048), (0.003, 4096))
    ]
    found = speed(times, "a")
    assert (found["ms"], found["median_ms"], found["peak_mib"]) == pytest.approx((2, 2, 4))
    assert found["mb_s"] == pytest.approx(0.5)


# Tables


def figures(f1: float, **more: float) -> dict[str, object]:
    rows = {"wcxb": f1, **more}
    return {
        "version": "1.0",
        "f1": {k: {"f1": v, "low": v - 0.1, "high": v + 0.1, "pages": 10} for k, v in rows.items()},
    }


def test_the_best_of_a_column_is_bold_whoever_it_is() -> None:
    table = tables.f1_table(
        {OURS: figures(0.9, aeb=0.9), "a": figures(0.8, aeb=0.8)}, {"wcxb": "WCXB", "aeb": "aeb"}
    )
    lines = table.splitlines()
    assert lines[0] == "| F1, pages | WCXB, 10 | aeb, 10 |"
    assert lines[2].startswith("| detector 1.0 | **0.900** <sub>0.800–1.000</sub> | 0.900")
    assert "| rs-trafilatura, *published* | 0.859 | **0.970** |" in lines


def test_standing_says_where_it_is_not_first() -> None:
    results = {OURS: figures(0.95, aeb=0.96, zh=0.9), "a": figures(0.9, aeb=0.9, zh=0.91)}
    assert tables.standing(results) == (
        "First in F1 on WCXB; not first on zh (a 0.910, ours 0.900) "
        "and aeb (rs-trafilatura as published 0.970, ours 0.960)."
    )


def test_tables_are_put_in_their_place(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("A\n<!-- benchmark: x -->\nold\n<!-- end -->\nB\n<!-- end -->\n")
    tables.write_between(path, "x", r"new \1")
    assert path.read_text() == "A\n<!-- benchmark: x -->\nnew \\1\n<!-- end -->\nB\n<!-- end -->\n"
    with pytest.raises(ValueError, match="no place for 'y'"):
        tables.write_between(path, "y", "")


@pytest.mark.parametrize("document", ["README.md", "docs/benchmark.md"])
def test_the_documents_have_their_places(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    wanted = ["table"] if document == "README.md" else [
        "sets", "standing", "types", "languages", "cost",
    ]  # fmt: skip
    for name in wanted:
        assert text.count(f"<!-- benchmark: {name} -->") == 1


def test_the_published_tables_are_those_of_the_published_figures() -> None:
    results = PICTURES / "results.json"
    if not results.exists():
        pytest.skip("nothing published yet: python -m training.benchmark --publish")
    parts = tables_of(json.loads(results.read_text()))
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"<!-- benchmark: table -->\n{readme_part(parts)}\n<!-- end -->" in readme
    document = (ROOT / "docs" / "benchmark.md").read_text("utf-8")
    for name, text in document_parts(parts).items():
        assert f"<!-- benchmark: {name} -->\n{text}\n<!-- end -->" in document


# The command


def test_a_taste_of_our_own_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'detector[bench]'")
    monkeypatch.setenv("DETECTOR_CACHE", str(tmp_path / "cache"))
    command = ["--sets", "own", "--limit", "4", "--speed-pages", "2"]
    command += ["--extractors", "lxml parse", "--output", str(tmp_path)]
    assert main(command) == 0
    report = json.loads((tmp_path / "results.json").read_text())
    assert report["extractors"][OURS]["f1"]["own"]["pages"] == 4
    assert report["baselines"]["lxml parse"]["speed"]["pages"] == 2
    out = capsys.readouterr().out
    assert "| detector " in out
    assert "own pages, 4" in out


def test_a_taste_is_not_published(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'detector[bench]'")
    assert main(["--limit", "1", "--publish"]) == 2
    assert "only all" in capsys.readouterr().err


def test_pictures_are_the_same_for_the_same_figures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'detector[bench]'")
    from training.benchmark.plots import draw

    both = {}
    for name, ms, share in ((OURS, 10.0, 0.01), ("other", 30.0, 0.2)):
        f1 = figures(0.9, **{"wcxb article": 0.9, "zh": 0.8})["f1"]
        leak = {"share": share, "low": share, "high": share, "pages": 3}
        both[name] = {"version": "1", "f1": f1, "leak": leak, "speed": {"ms": ms}}
    draw(both, {"lxml parse": {"speed": {"ms": 2.0}}}, tmp_path / "a")
    draw(both, {"lxml parse": {"speed": {"ms": 2.0}}}, tmp_path / "b")
    names = ["languages.svg", "leak.svg", "quality-speed.svg", "types.svg"]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == names
    for name in names:
        picture = (tmp_path / "a" / name).read_bytes()
        assert picture == (tmp_path / "b" / name).read_bytes()
        assert b"other" in picture


def test_the_pages_of_a_set_can_be_limited() -> None:
    assert [page.set for page in benchmark_pages(["own"], 2)] == ["own", "own"]


def test_our_own_texts_are_of_models_that_had_not_seen_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [dataclasses.replace(page, set="wcxb") for page in own_labelled_pages()[::4]]
    other = dataclasses.replace(own_labelled_pages()[1], set="aeb")
    shipped = load_model().consent
    monkeypatch.setattr(ours, "_consent_models", lambda: [shipped] * FOLDS)
    monkeypatch.setattr(ours, "consent_labels", lambda: {other.sha256: None})
    texts = unseen_outputs([*known, other], seeds=2, folder=tmp_path)
    assert [len(texts[page.id]) for page in known] == [2] * len(known)
    assert texts[other.id] == [Detector().detect(other.html, url=other.url).text]
    asking = next(page for page in known if Detector().detect(page.html).banner)
    banner = Detector().detect(asking.html).banner
    assert banner is not None
    assert banner.text.split("\n")[0] not in "\n".join(texts[asking.id])
    monkeypatch.setattr(ours, "_make", lambda pages, seeds: pytest.fail("made twice"))
    assert unseen_outputs([*known, other], seeds=2, folder=tmp_path) == texts
