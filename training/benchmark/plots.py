"""Figures -> SVG pictures, by matplotlib (extra `bench`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from training.benchmark.extractors import OURS
from training.benchmark.tables import LANGUAGES, TYPES, Figures, published, ranked

ACCENT: Final = "#c2410c"
PEER: Final = "#64748b"
BEST: Final = "#1d4ed8"
INK: Final = "#1e293b"
GRID: Final = "#e2e8f0"


def draw(results: Mapping[str, Figures], baselines: Mapping[str, Figures], folder: Path) -> None:
    """Write all pictures for which there are figures."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update(
        {
            "svg.hashsalt": "detector",  # the same figures give the same file
            "svg.fonttype": "none",
            "font.family": "sans-serif",
            "font.size": 10,
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": "#94a3b8",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "axes.titleweight": "bold",
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    if all("wcxb" in row["f1"] for row in results.values()):
        _save(_quality_and_speed(results, baselines), folder / "quality-speed.svg")
        _save(_dots(results, TYPES, "Word F1 by page type (WCXB)"), folder / "types.svg")
    if all(LANGUAGES.keys() <= row["f1"].keys() for row in results.values()):
        _save(_dots(results, LANGUAGES, "Word F1 by language"), folder / "languages.svg")
    if all(row["leak"] for row in results.values()):
        _save(_leaks(results), folder / "leak.svg")


def _save(figure: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

    figure.savefig(path, metadata={"Date": None}, facecolor="white", bbox_inches="tight")
    plt.close(figure)


def _quality_and_speed(results: Mapping[str, Figures], baselines: Mapping[str, Figures]) -> Any:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4.6))
    axes.set_xscale("log")
    axes.grid(True, which="major", color=GRID, zorder=0)
    points = {name: (row["speed"]["ms"], row["f1"]["wcxb"]["f1"]) for name, row in results.items()}
    for name in ranked(results):
        ms, f1 = points[name]
        row = results[name]["f1"]["wcxb"]
        own = name == OURS
        axes.errorbar(
            ms,
            f1,
            yerr=[[f1 - row["low"]], [row["high"] - f1]],
            fmt="o",
            color=ACCENT if own else PEER,
            markersize=10 if own else 7,
            elinewidth=1,
            zorder=3,
        )
    for name, (dx, dy, align) in _label_places(points).items():
        axes.annotate(
            name,
            points[name],
            xytext=(dx, dy),
            textcoords="offset points",
            ha=align,
            va="center",
            color=ACCENT if name == OURS else INK,
            fontweight="bold" if name == OURS else "normal",
            zorder=4,
        )
    low = axes.get_ylim()[0]
    for name, row in baselines.items():
        axes.axvline(row["speed"]["ms"], color="#94a3b8", linestyle=":", linewidth=1, zorder=1)
        axes.annotate(
            f"bare {name}",
            (row["speed"]["ms"], low),
            xytext=(3, 4),
            textcoords="offset points",
            rotation=90,
            color="#64748b",
            fontsize=8,
            va="bottom",
        )
    axes.set_xlabel("CPU ms a page (log scale; left is faster)")
    axes.set_ylabel("word F1 on WCXB (up is better)")
    pages = results[OURS]["f1"]["wcxb"]["pages"]
    axes.set_title(f"Quality against speed: {pages:,} pages of seven types")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    return figure


def _label_places(
    points: Mapping[str, tuple[float, float]],
) -> dict[str, tuple[float, float, str]]:
    """Offsets in points of each label from its point: beside it, apart where points are close."""
    import math

    places: dict[str, tuple[float, float, str]] = {}
    taken: list[tuple[float, float, float]] = []  # left, right, height of labels
    for name, (ms, f1) in sorted(points.items(), key=lambda item: -item[1][1]):
        x, y = math.log10(ms) * 190, f1 * 900
        width = 5.6 * len(name)
        options = [
            (side, dy) for dy in (0.0, 10.0, -10.0, 20.0, -20.0, 32.0, -32.0) for side in (1, -1)
        ]

        def clashes(option: tuple[int, float], x: float = x, y: float = y, w: float = width) -> int:
            side, dy = option
            left, right = (x + 10, x + 10 + w) if side > 0 else (x - 10 - w, x - 10)
            others = [(math.log10(p) * 190, q * 900) for p, q in points.values()]
            hits = sum(left < b and a < right and abs(y + dy - h) < 11 for a, b, h in taken)
            return hits + sum(left < a < right and abs(y + dy - b) < 8 for a, b in others)

        side, dy = min(options, key=clashes)
        left = x + 10 if side > 0 else x - 10 - width
        taken.append((left, left + width, y + dy))
        places[name] = (10.0 * side, dy, "left" if side > 0 else "right")
    return places


def _dots(results: Mapping[str, Figures], slices: Mapping[str, str], title: str) -> Any:
    """A line a slice: every extractor a dot, this project and the best of the others named."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 0.55 * len(slices) + 1.3))
    axes.grid(True, axis="x", color=GRID, zorder=0)
    others = published()
    for height, key in enumerate(reversed(list(slices))):
        row = results[OURS]["f1"][key]
        rivals = {n: r["f1"][key]["f1"] for n, r in results.items() if n != OURS}
        rivals |= {f"{n}, published": f[key] for n, f in others.items() if key in f}
        best = max(rivals, key=lambda name: rivals[name])
        axes.plot(list(rivals.values()), [height] * len(rivals), "o", color="#cbd5e1", zorder=2)
        axes.plot(rivals[best], height, "o", color=BEST, zorder=3)
        axes.annotate(
            best,
            (rivals[best], height),
            xytext=(0, -11),
            textcoords="offset points",
            ha="center",
            color=BEST,
            fontsize=8,
        )
        axes.hlines(height, row["low"], row["high"], color=ACCENT, linewidth=1.5, zorder=3)
        axes.plot(row["f1"], height, "o", color=ACCENT, markersize=9, zorder=4)
    pages = [results[OURS]["f1"][key]["pages"] for key in slices]
    names = [f"{name} ({count:,})" for name, count in zip(slices.values(), pages, strict=True)]
    axes.set_yticks(range(len(slices)), names[::-1])
    axes.set_ylim(-0.6, len(slices) - 0.4)
    axes.set_xlabel("F1")
    axes.set_title(title)
    axes.plot([], [], "o", color=ACCENT, markersize=9, label=f"{OURS}, with 95% interval")
    axes.plot([], [], "o", color=BEST, label="the best other")
    axes.plot([], [], "o", color="#cbd5e1", label="the others")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=3)
    return figure


def _leaks(results: Mapping[str, Figures]) -> Any:
    import matplotlib.pyplot as plt

    names = sorted(results, key=lambda name: -results[name]["leak"]["share"])
    shares = [results[name]["leak"]["share"] for name in names]
    low = [s - results[n]["leak"]["low"] for n, s in zip(names, shares, strict=True)]
    high = [results[n]["leak"]["high"] - s for n, s in zip(names, shares, strict=True)]
    figure, axes = plt.subplots(figsize=(8, 0.36 * len(names) + 1.2))
    axes.grid(True, axis="x", color=GRID, zorder=0)
    axes.barh(
        names,
        shares,
        xerr=[low, high],
        color=[ACCENT if name == OURS else "#94a3b8" for name in names],
        error_kw={"elinewidth": 1, "ecolor": INK},
        zorder=2,
    )
    for height, (name, share) in enumerate(zip(names, shares, strict=True)):
        end = results[name]["leak"]["high"]
        axes.annotate(
            f"{share:.1%}", (end, height), xytext=(5, 0), textcoords="offset points", va="center"
        )
    pages = results[OURS]["leak"]["pages"]
    axes.set_title(f"Consent leak: share of {pages:,} pages whose output holds banner text")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return figure
