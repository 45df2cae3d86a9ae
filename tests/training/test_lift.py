"""The lift that some pages of a site give, on the project's own pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from training.corpora import CorpusError, LabelledPage
from training.fit import Rows
from training.lift import Split, lift, main, split
from training.own import own_labelled_pages
from training.train import write

SITE = "one.example"


def pages() -> list[LabelledPage]:
    """Own pages, eight of them as if of one site of zh."""
    own = own_labelled_pages()[::3]
    return [replace(page, set="zh", site=SITE) for page in own[:8]] + own[8:]


def test_some_pages_are_drawn_and_the_rest_is_unseen() -> None:
    numbers = split(pages(), "zh", SITE, 5, 0)
    assert sorted(numbers.some + numbers.rest) == list(range(8))
    assert len(numbers.some) == 5
    assert numbers.others == list(range(8, len(pages())))
    assert split(pages(), "zh", SITE, 5, 1).some != numbers.some
    with pytest.raises(CorpusError, match=r"8 pages of one\.example: 8 of them leave none"):
        split(pages(), "zh", SITE, 8, 0)


def test_the_two_bundles_differ_by_the_pages_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[tuple[str, float | None]]] = []

    def watched(rows: Rows, *rest: Any) -> None:
        seen.append([(page.page.id, page.page.weight) for page in rows.pages])
        write(rows, *rest)

    monkeypatch.setattr("training.lift.write", watched)
    own = pages()
    numbers = Split(others=list(range(8, len(own))), some=[0, 1, 2, 3, 4], rest=[5, 6, 7])
    found = lift(own, numbers, 3.0, 1, [("own", own[8:12])])
    without, with_ = seen
    assert with_ == without + [(page.id, 3.0) for page in own[:5]]
    assert without == [(page.id, page.weight) for page in own[8:]]
    lines = [line.split(" | ") for line in found.splitlines()[2:]]
    assert [line[:2] for line in lines] == [["| the site's others", "3"], ["| own", "4"]]
    before, after, difference = (float(text.split(" ")[0]) for text in lines[0][2:])
    assert difference == pytest.approx(after - before, abs=0.002)


def test_without_page_sets_the_command_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DETECTOR_CACHE", str(tmp_path))
    assert main(["--set", "zh", "--domain", "hexun.com"]) == 1
    assert "python -m training.fetch" in capsys.readouterr().err
