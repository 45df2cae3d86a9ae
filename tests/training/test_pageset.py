"""Page sets of one's own: reading, checking, training with them, comparing; the walk-through."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from detector import Detector
from detector.model import DEFAULT_BUNDLE
from training.check import check
from training.check import main as check_main
from training.compare import changed, compare, table
from training.compare import main as compare_main
from training.corpora import CorpusError
from training.fit import Rows, page_weight
from training.own import own_labelled_pages
from training.pageset import read_page_set
from training.train import build_rows, with_added

ROOT = Path(__file__).parents[2]
PAGE = """<html lang="nl"><body><main><h1>De veerpont</h1><p>De pont vaart weer sinds maandag.</p>
</main><div id="c"><p>Wij gebruiken cookies.</p><button>Goed</button></div></body></html>"""
GOLD = "De veerpont\nDe pont vaart weer sinds maandag."


def write(folder: Path, name: str, labels: Any = None, text: str | None = None) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.html").write_text(PAGE + f"<!-- {name} -->")
    if labels is not None:
        (folder / f"{name}.json").write_text(json.dumps(labels))
    if text is not None:
        (folder / f"{name}.txt").write_text(text)


def test_the_three_kinds_of_labels(tmp_path: Path) -> None:
    write(tmp_path, "a", text=GOLD)
    blocks = [["content", "De veerpont"], ["boilerplate", "Goed"]]
    write(tmp_path, "b", {"blocks": blocks, "url": "https://www.pont.example/b", "type": "article"})
    root = {"xpath": "/html/body/div", "kind": "banner"}
    root["buttons"] = [{"xpath": "/html/body/div/button", "role": "accept_all"}]  # type: ignore[assignment]
    write(tmp_path, "c", {"consent": [root], "language": "en"})
    a, b, c = read_page_set(tmp_path, weight=3.0)
    assert (a.page.gold, a.page.lang, a.page.site, a.page.weight) == (GOLD, "nl", tmp_path.name, 3)
    assert (b.page.gold, b.page.site, b.page.page_type) == (
        "De veerpont",
        "pont.example",
        "article",
    )
    assert (c.page.gold, c.page.lang) == (None, "en")
    assert a.consent is b.consent is None
    assert c.consent is not None
    assert c.consent.labels is not None
    assert c.consent.labels.roots[0].buttons[0].role == "accept_all"
    assert check(tmp_path)[0] == []


@pytest.mark.parametrize(
    ("labels", "text", "said"),
    [
        (None, None, "no labels"),
        ([], None, "not an object"),
        ({"gold": "x"}, "x", "its gold stands in a.txt and in a.json"),
        ({"gold": "x", "blocks": []}, None, "both gold and blocks"),
        ({"gold": 1}, None, "gold is no string"),
        ({"god": "x"}, None, "unknown field 'god'"),
        ({"gold": "x", "type": "blog"}, None, "type 'blog' is none of article"),
        ({"blocks": ["x"]}, None, "no list of pairs"),
        ({"blocks": [["good", "x"]]}, None, "label 'good' is none of content"),
        ({"consent": [{"kind": "banner"}]}, None, "no xpath"),
        ({"consent": [{"xpath": "/a", "kind": "bar"}]}, None, "kind 'bar' is none of banner"),
        (
            {"consent": [{"xpath": "/a", "kind": "banner", "buttons": [{"xpath": "/a"}]}]},
            None,
            "role None is none of accept_all",
        ),
    ],
)
def test_labels_of_the_wrong_form_are_refused(
    tmp_path: Path, labels: Any, text: str | None, said: str
) -> None:
    write(tmp_path, "a", labels, text)
    with pytest.raises(CorpusError, match=re.escape(said)):
        read_page_set(tmp_path)
    ((fault,), pages) = check(tmp_path)
    assert said in fault
    assert pages == []


def test_labels_that_do_not_fit_the_page_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "a", text="Heel iets anders staat hier geschreven.")
    write(tmp_path, "b", {"blocks": [["content", "De veerpont ligt stil"]]})
    write(tmp_path, "c", {"consent": [{"xpath": "/html/body/p", "kind": "banner"}]})
    root = {"xpath": "/html/body/div", "kind": "banner"}
    inside = [{"xpath": "/html/body/main", "role": "close"}, {"xpath": "//[", "role": "close"}]
    write(tmp_path, "d", {"consent": [{**root, "buttons": inside}]})
    write(tmp_path, "e", text=" ")
    write(tmp_path, "f", text=GOLD)
    (tmp_path / "g.html").write_bytes((tmp_path / "f.html").read_bytes())
    (tmp_path / "g.txt").write_text(GOLD)
    (tmp_path / "h.txt").write_text(GOLD)
    assert check_main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    for said in (
        "a.html: only 0% of its gold's 6 words",
        "b.html: no block of the page is 'De veerpont ligt stil'",
        "c.html: /html/body/p leads to 0 elements",
        "d.html: the button /html/body/main is not inside /html/body/div",
        "d.html: //[ leads to 0 elements",
        "e.html: its gold is empty",
        "the same bytes as",
        "h.txt: there is no h.html",
    ):
        assert said in out
    assert "7 pages of 1 sites: 5 with content labelled, 2 with consent" in out


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_pages_is_said(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert check_main([str(tmp_path / name)]) == 1
    assert str(tmp_path / name) in capsys.readouterr().err


def test_added_pages_have_their_weight_and_replace_their_copies(tmp_path: Path) -> None:
    known = own_labelled_pages()[:3]
    (tmp_path / "a.html").write_bytes(known[0].html)
    (tmp_path / "a.txt").write_text("Another gold.")
    write(tmp_path, "b", {"consent": []})
    pages = with_added(known, read_page_set(tmp_path, weight=2.5))
    assert [page.id for page in pages] == [known[1].id, known[2].id, f"{tmp_path.name}/a"]
    rows = Rows(build_rows(pages))
    assert [page_weight(page) for page in rows.pages] == [0.5, 0.5, 2.5]


def test_a_bundle_compared_with_itself_has_not_changed(capsys: pytest.CaptureFixture[str]) -> None:
    bundle = str(DEFAULT_BUNDLE)
    assert compare_main([bundle, bundle, "--sets", "own"]) == 0
    out = capsys.readouterr().out
    assert re.search(rf"\| own \| {len(own_labelled_pages())} \| (0\.\d+) \| \1 \| \+0\.000", out)
    assert out.count("no page") == 2


def test_what_changed_is_shown_with_an_interval(shipped: Detector) -> None:
    pages = own_labelled_pages()[:2]
    same = compare(shipped, shipped, pages)
    scores = [(pages[0], 0.5, 0.9), (pages[1], 0.8, 0.7)]
    assert [page for page, old, new in same if old == new] == pages
    assert "| own | 2 | 0.650 | 0.800 | +0.150 (-0.100 to +0.400) |" in table(scores)
    assert changed(scores) == (
        f"Better:\n  0.500 -> 0.900  {pages[0].id}\nWorse:\n  0.800 -> 0.700  {pages[1].id}"
    )


def test_wrong_bundles_and_sets_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = str(DEFAULT_BUNDLE)
    assert compare_main([bundle, str(tmp_path / "no"), "--sets", "own"]) == 1
    assert "no such directory" in capsys.readouterr().err
    assert compare_main([bundle, bundle, "--sets"]) == 1
    assert "no page with a gold text" in capsys.readouterr().err


def test_the_walk_through(tmp_path: Path) -> None:
    """Every command of docs/retrain.md, in order."""
    for name in ("datasets", "detector", "training"):
        (tmp_path / name).symlink_to(ROOT / name)
    text = (ROOT / "docs" / "retrain.md").read_text("utf-8")
    commands = re.findall(r"^\$ (.+)$", text, re.MULTILINE)
    assert len(commands) > 4
    tools = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    environment["DETECTOR_CACHE"] = str(tmp_path / "cache")
    said = ""
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        said += done.stdout
    assert "0 faults" in said
    assert "| added |" in said
    assert "la halle accueille de nouveau son marché" in said
    assert Detector(model=tmp_path / "bundles" / "mine").detect("<p>A bell.</p>").blocks
