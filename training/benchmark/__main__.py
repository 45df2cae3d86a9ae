"""`python -m training.benchmark`: this project and its peers on the same pages.

Outputs are kept in the cache: a run that was stopped goes on, and one with another model runs
the peers no second time.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import detector
from detector.errors import DetectorError
from training.benchmark import plots, scores, tables
from training.benchmark.extractors import BY_NAME, OURS, Extractor
from training.benchmark.leak import consent_labels, runs_of
from training.benchmark.ours import unseen_outputs
from training.benchmark.pages import PAGE_SETS, benchmark_pages
from training.benchmark.processes import WorkerError
from training.benchmark.run import SPEED_PAGES, TIMEOUT, collect, present, time_extractors
from training.benchmark.store import Store, store_folder
from training.boosting import TrainingError
from training.corpora import TRAINABLE, CorpusError, LabelledPage
from training.evaluate import SEEDS
from training.progress import track

ROOT: Final = Path(__file__).parents[2]
PICTURES: Final = ROOT / "docs" / "benchmark"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    options = _parser().parse_args(arguments)
    if importlib.util.find_spec("matplotlib") is None:
        print("benchmark: needs matplotlib: pip install 'detector[bench]'", file=sys.stderr)
        return 1
    if options.publish and (options.limit is not None or options.extractors):
        print("benchmark: only all extractors on all pages are published", file=sys.stderr)
        return 2
    names = options.extractors
    extractors = [e for e in present() if not names or e.name in (*names, OURS)]
    try:
        pages = list(benchmark_pages(options.sets, options.limit))
        report = _measure(extractors, pages, options)
    except (CorpusError, TrainingError, WorkerError, DetectorError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    folder = PICTURES if options.publish else options.output or store_folder()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
    parts = tables_of(report)
    plots.draw(report["extractors"], report["baselines"], folder)
    print("\n\n".join(parts.values()))
    if options.publish:
        tables.write_between(ROOT / "README.md", "table", readme_part(parts))
        for name, text in document_parts(parts).items():
            tables.write_between(ROOT / "docs" / "benchmark.md", name, text)
    else:
        print(f"\nwritten with pictures to {folder}", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.benchmark", description=__doc__)
    parser.add_argument(
        "--sets", nargs="+", choices=PAGE_SETS, default=list(PAGE_SETS), help="(all)"
    )
    parser.add_argument("--extractors", nargs="+", choices=list(BY_NAME), help="(all)")
    parser.add_argument(
        "--limit",
        type=int,
        help="pages of each set: a taste, with our own shipped model, which has seen most of them",
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of the folds (%(default)s)")
    parser.add_argument(
        "--speed-pages", type=int, default=SPEED_PAGES, help="pages timed (%(default)s)"
    )
    parser.add_argument(
        "--timeout", type=float, default=TIMEOUT, help="CPU seconds a page may take (%(default)s)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--output", type=Path, help="folder to write to (the cache's benchmark)")
    where.add_argument(
        "--publish", action="store_true", help="write the README's tables and docs/benchmark"
    )
    return parser


def _measure(
    extractors: Sequence[Extractor], pages: Sequence[LabelledPage], options: argparse.Namespace
) -> dict[str, Any]:
    scored = [extractor for extractor in extractors if not extractor.baseline]
    peers = [extractor for extractor in scored if extractor.name != OURS]
    taste = options.limit is not None
    shipped = [page for page in pages if taste or page.set not in TRAINABLE]
    collect(peers, pages, options.timeout)
    collect([BY_NAME[OURS]], shipped, options.timeout)
    unseen = {} if taste else unseen_outputs(pages, options.seeds)
    timed = [page for page in pages if page.set == "wcxb"] or list(pages)
    times = time_extractors(extractors, timed, options.speed_pages, options.timeout)
    labels = consent_labels()
    asking = [page for page in pages if page.sha256 in labels]
    found = {page.id: runs_of(page, labels[page.sha256]) for page in asking}
    runs = {id_: own for id_, own in found.items() if own}
    report: dict[str, Any] = {"extractors": {}, "baselines": {}}
    for extractor in track(scored, len(scored), "extractors scored"):
        texts, failed = _outputs(extractor, pages)
        # Banners of aeb and traf were learned from, their content was not.
        leaked = texts
        if extractor.name == OURS:
            leaked = texts | unseen
            texts |= {
                page.id: unseen[page.id] for page in pages if page.set in TRAINABLE and unseen
            }
        report["extractors"][extractor.name] = {
            "version": extractor.version(),
            "f1": scores.quality(pages, texts),
            "leak": scores.consent_leak(runs, leaked),
            "failures": scores.failures(failed),
            "speed": scores.speed(times, extractor.name),
        }
    for extractor in extractors:
        if extractor.baseline:
            report["baselines"][extractor.name] = {
                "version": extractor.version(),
                "speed": scores.speed(times, extractor.name),
            }
    return report | {
        "published": tables.published(),
        "limit": options.limit,
        "seeds": options.seeds,
        "timeout": options.timeout,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "detector": detector.__version__,
    }


def _outputs(
    extractor: Extractor, pages: Sequence[LabelledPage]
) -> tuple[dict[str, list[str]], list[str | None]]:
    """Texts by the id of the page, and what failed, of these pages alone."""
    wanted = {(page.id, page.sha256) for page in pages}
    found = [each for each in Store(extractor).outputs() if (each.id, each.sha256) in wanted]
    return {each.id: [each.text] for each in found}, [each.failure for each in found]


def tables_of(report: dict[str, Any]) -> dict[str, str]:
    """The tables by the name of their place in the documents."""
    results = report["extractors"]
    parts = {"sets": tables.f1_table(results, tables.SETS)}
    if any("wcxb" in row["f1"] for row in results.values()):
        parts["types"] = tables.f1_table(results, tables.TYPES)
    if any(tables.LANGUAGES.keys() & row["f1"].keys() for row in results.values()):
        parts["languages"] = tables.f1_table(results, tables.LANGUAGES)
    parts["cost"] = tables.cost_table(results, report["baselines"])
    parts["standing"] = tables.standing(results)
    return parts


_PICTURES: Final = {
    "sets": ("Quality against speed", "quality-speed.svg"),
    "types": ("F1 by page type", "types.svg"),
    "languages": ("F1 by language", "languages.svg"),
    "cost": ("Consent leak", "leak.svg"),
}


def readme_part(parts: dict[str, str]) -> str:
    """What the README shows of it all."""
    title, picture = _PICTURES["sets"]
    return f"{parts['sets']}\n\n{parts['standing']}\n\n![{title}](docs/benchmark/{picture})"


def document_parts(parts: dict[str, str]) -> dict[str, str]:
    """What `docs/benchmark.md` shows, by place: the tables with their pictures."""
    return {
        name: f"{text}\n\n![{_PICTURES[name][0]}](benchmark/{_PICTURES[name][1]})"
        if name in _PICTURES
        else text
        for name, text in parts.items()
    }


if __name__ == "__main__":
    sys.exit(main())
