"""datatrove: an extractor for its pipelines, in the place of the Trafilatura one.

pip install 'detector[datatrove]'
"""

from __future__ import annotations

from datatrove.pipeline.extractors.base import BaseExtractor

import detector


class DetectorExtractor(BaseExtractor):
    """HTML to the page's content; documents without any are dropped."""

    name = "detector"

    def __init__(self, timeout: float = 10) -> None:
        super().__init__(timeout)

    def extract(self, text: str) -> str:
        """The content of a page's HTML."""
        return detector.detect(text).text
