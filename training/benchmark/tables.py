"""Figures -> Markdown tables, and their places in the documents."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from detector.page_types import PAGE_TYPES
from training.benchmark.extractors import OURS

SETS: Final = {
    "wcxb": "WCXB",
    "waddle": "waddle",
    "zh": "zh",
    "aeb": "aeb",
    "traf": "traf",
    "own": "own pages",
}
TYPES: Final = {f"wcxb {name}": name for name in PAGE_TYPES}
LANGUAGES: Final = {
    **{f"waddle {code}": f"waddle {code}" for code in ("el", "en", "pl", "ru", "zh")},
    "zh": "zh",
}
PUBLISHED: Final = Path(__file__).parent / "published.toml"

Figures = Mapping[str, Any]
"""The figures of one extractor: `version`, `f1` by slice, `leak`, `speed`, `failures`."""


def published() -> dict[str, dict[str, float]]:
    """F1 by slice of systems that are not run here."""
    found: dict[str, dict[str, float]] = {}
    for name, tables in tomllib.loads(PUBLISHED.read_text("utf-8")).items():
        found[name] = {k: v for table in tables for k, v in table.items() if k != "source"}
    return found


def ranked(results: Mapping[str, Figures]) -> list[str]:
    """The extractors: this project, then the others from the best to the worst on WCXB."""

    def score(name: str) -> float:
        slices = results[name]["f1"]
        return float(slices.get("wcxb", next(iter(slices.values())))["f1"])

    return sorted(results, key=lambda name: (name != OURS, -score(name), name))


def f1_table(results: Mapping[str, Figures], slices: Mapping[str, str]) -> str:
    """F1 with intervals, a line an extractor, the best of each column bold; published ones last."""
    present = {
        key: name for key, name in slices.items() if any(key in r["f1"] for r in results.values())
    }
    others = {
        name: figures for name, figures in published().items() if figures.keys() & present.keys()
    }
    columns = []
    for key, name in present.items():
        rows = {each: results[each]["f1"].get(key) for each in ranked(results)}
        said = {each: figures.get(key) for each, figures in others.items()}
        best = max([r["f1"] for r in rows.values() if r] + [f for f in said.values() if f])
        count = max(row["pages"] for row in rows.values() if row)
        columns.append(
            [f"{name}, {count:,}"]
            + [_interval(row, best) if row else "" for row in rows.values()]
            + [_bold(f"{f:.3f}", f >= best) if f else "" for f in said.values()]
        )
    names = [f"{name} {results[name]['version']}" for name in ranked(results)]
    return markdown([["F1, pages", *names, *(f"{name}, *published*" for name in others)], *columns])


def _interval(row: Mapping[str, Any], best: float) -> str:
    value = _bold(f"{row['f1']:.3f}", row["f1"] >= best)
    return f"{value} <sub>{row['low']:.3f}–{row['high']:.3f}</sub>"


def _bold(text: str, yes: bool) -> str:
    return f"**{text}**" if yes else text


def cost_table(results: Mapping[str, Figures], baselines: Mapping[str, Figures]) -> str:
    """Consent leak, speed, memory and failures, a line an extractor; bare parses last."""
    names = ranked(results)
    rows = [results[name] for name in names] + list(baselines.values())

    def column(title: str, cell: Callable[[Figures], str]) -> list[str]:
        return [title, *(cell(row) for row in rows)]

    timed = max(row["speed"]["pages"] for row in rows)
    leaked = max((r["leak"]["pages"] for r in results.values() if r["leak"]), default=0)
    return markdown(
        [
            ["", *names, *(f"*{name}*" for name in baselines)],
            column(f"consent leak, {leaked:,} pages", _leak),
            column(
                f"CPU ms a page, {timed:,} pages",
                lambda r: "{ms:.1f} <sub>{low:.1f}–{high:.1f}</sub>".format(**r["speed"]),
            ),
            column("MB/s", lambda r: f"{r['speed']['mb_s']:.1f}"),
            column("start, s of CPU", lambda r: f"{r['speed']['start_s']:.2f}"),
            column("peak MiB", lambda r: f"{r['speed']['peak_mib']:.0f}"),
            column("failed", lambda r: _failed(r.get("failures"))),
        ]
    )


def _leak(row: Figures) -> str:
    if not row.get("leak"):
        return ""
    return "{share:.1%} <sub>{low:.1%}–{high:.1%}</sub>".format(**row["leak"])


def _failed(counts: Mapping[str, int] | None) -> str:
    return ", ".join(f"{count} {name}" for name, count in (counts or {}).items())


def standing(results: Mapping[str, Figures]) -> str:
    """A sentence: on which sets this project is first in F1, and who is where it is not."""
    first, behind = [], []
    for key, name in SETS.items():
        ours = results[OURS]["f1"].get(key)
        if not ours:
            continue
        rivals = {n: r["f1"][key]["f1"] for n, r in results.items() if n != OURS and key in r["f1"]}
        rivals |= {f"{n} as published": f[key] for n, f in published().items() if key in f}
        ahead = {n: f for n, f in rivals.items() if f > ours["f1"]}
        if ahead:
            who = max(ahead, key=lambda each: ahead[each])
            behind.append(f"{name} ({who} {ahead[who]:.3f}, ours {ours['f1']:.3f})")
        else:
            first.append(name)
    parts = [f"First in F1 on {_listed(first)}"] if first else []
    parts += [f"not first on {_listed(behind)}"] if behind else []
    sentence = "; ".join(parts)
    return sentence[:1].upper() + sentence[1:] + "."


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))


def markdown(columns: Sequence[Sequence[str]]) -> str:
    """A Markdown table from its columns, each with its title first."""
    lines: Iterable[Sequence[str]] = zip(*columns, strict=True)
    head, *body = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([head, "|" + "---|" * len(columns), *body])


def write_between(path: Path, name: str, text: str) -> None:
    """Put text between `<!-- benchmark: NAME -->` and `<!-- end -->` in a document.

    Raises:
        ValueError: the document has no such place.
    """
    document = path.read_text("utf-8")
    place = re.compile(rf"(<!-- benchmark: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not place.search(document):
        raise ValueError(f"{path} has no place for {name!r}")
    path.write_text(place.sub(lambda found: f"{found[1]}{text}\n{found[2]}", document), "utf-8")
