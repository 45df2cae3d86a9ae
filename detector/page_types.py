"""Types of page, as WCXB has them."""

from __future__ import annotations

from typing import Final

PAGE_TYPES: Final = (
    "article",
    "documentation",
    "service",
    "forum",
    "product",
    "collection",
    "listing",
)
"""In the order of the page-type model's classes."""
