"""Says of each block of a web page whether it is content, boilerplate or consent UI.

>>> import detector
>>> page = detector.detect("<h1>Tides</h1><p>The sea rises twice a day, and falls as often.</p>")
>>> page.blocks[1].tag
'p'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from detector.batch.many import PageError
    from detector.consent.banner import Button, ConsentBanner
    from detector.detector import Detector, detect, detect_many, detect_text, explain
    from detector.document import PageWarning
    from detector.errors import BundleError, DetectorError
    from detector.page import Block, Page
    from detector.reasons import Explanation, Reason

__version__ = "0.1.0"
__all__ = [
    "Block",
    "BundleError",
    "Button",
    "ConsentBanner",
    "Detector",
    "DetectorError",
    "Explanation",
    "Page",
    "PageError",
    "PageWarning",
    "Reason",
    "detect",
    "detect_many",
    "detect_text",
    "explain",
]

_PLACES: Final = {
    "batch.many": ("PageError",),
    "consent.banner": ("Button", "ConsentBanner"),
    "detector": ("Detector", "detect", "detect_many", "detect_text", "explain"),
    "document": ("PageWarning",),
    "errors": ("BundleError", "DetectorError"),
    "page": ("Block", "Page"),
    "reasons": ("Explanation", "Reason"),
}

if not TYPE_CHECKING:  # mypy would take any name for one that is here

    def __getattr__(name: str) -> object:
        """A public name, when it is first asked for: numpy and lxml take most of a short run."""
        from importlib import import_module

        for module, names in _PLACES.items():
            if name in names:
                value = getattr(import_module(f"detector.{module}"), name)
                globals()[name] = value
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
