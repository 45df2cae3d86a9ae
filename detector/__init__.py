"""Says of each block of a web page whether it is content, boilerplate or consent UI.

>>> import detector
>>> page = detector.detect("<h1>Tides</h1><p>The sea rises twice a day, and falls as often.</p>")
>>> page.blocks[1].tag
'p'
"""

from __future__ import annotations

from detector.batch.many import PageError
from detector.consent.banner import Button, ConsentBanner
from detector.detector import Detector, detect, detect_many, detect_text, explain
from detector.document import PageWarning
from detector.errors import BundleError, DetectorError
from detector.explain import Explanation, Reason
from detector.page import Block, Page

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
