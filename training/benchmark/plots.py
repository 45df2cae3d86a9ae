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
    if "wcxb" in results[OURS]["f1"]:
        _save(_quality_and_speed(results, baselines), folder / "quality-speed.svg")
        _save(_dots(results, TYPES, "Word F1 by page type (WCXB)"), folder / "types.svg")
    if any(key in results[OURS]["f1"] for key in LANGUAGES):
        _save(_dots(results, LANGUAGES, "Word F1 by language"), folder / "languages.svg")
    if results[OURS]["leak"]:
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
    axes.margins(x=0.12)
    low = axes.get_ylim()[0]
    pixels = axes.transData.transform([points[name] for name in points]) * 72 / figure.dpi
    places = _label_places(
        {n: (float(x), float(y)) for n, (x, y) in zip(points, pixels, strict=True)}
    )
    for name, (dx, dy, align) in places.items():
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


def _label_places(points: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float, str]]:
    """Where each label goes, as an offset from its point: beside it, apart where points are close.

    Args:
        points: places of the points, in points of 1/72 inch.
    """
    places: dict[str, tuple[float, float, str]] = {}
    taken: list[tuple[float, float, float]] = []  # left, right and height of the labels so far
    for name, (x, y) in sorted(points.items(), key=lambda item: -item[1][1]):
        width = 6.2 * len(name)
        spans = {1: (x + 9, x + 9 + width), -1: (x - 9 - width, x - 9)}

        def clashes(
            option: tuple[float, int], y: float = y, spans: dict[int, tuple[float, float]] = spans
        ) -> int:
            height, (left, right) = y + option[0], spans[option[1]]
            labels = sum(a < right and b > left and abs(height - h) < 11 for a, b, h in taken)
            dots = sum(left - 5 < a < right + 5 and abs(height - b) < 9 for a, b in points.values())
            return labels + dots

        offsets = (0.0, 9.0, -9.0, 18.0, -18.0, 30.0, -30.0)
        dy, side = min(((dy, side) for dy in offsets for side in (1, -1)), key=clashes)
        taken.append((*spans[side], y + dy))
        places[name] = (9.0 * side, dy, "left" if side > 0 else "right")
    return places


def _dots(results: Mapping[str, Figures], slices: Mapping[str, str], title: str) -> Any:
    """A line a slice: every extractor a dot, this project and the best of the others named."""
    import matplotlib.pyplot as plt

    slices = {key: name for key, name in slices.items() if key in results[OURS]["f1"]}
    figure, axes = plt.subplots(figsize=(8, 0.55 * len(slices) + 1.3))
    axes.grid(True, axis="x", color=GRID, zorder=0)
    others = published()
    for height, key in enumerate(reversed(list(slices))):
        row = results[OURS]["f1"][key]
        rivals = {n: r["f1"][key]["f1"] for n, r in results.items() if n != OURS}
        rivals |= {f"{n}, published": f[key] for n, f in others.items() if key in f}
        if rivals:
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
    axes.legend(
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(0, -0.45 / figure.get_figheight() - 0.06),
        ncols=3,
    )
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
