"""What the library raises on purpose; everything else that escapes is a bug."""

from __future__ import annotations


class DetectorError(Exception):
    """Base of every error that this package raises deliberately."""


class BundleError(DetectorError):
    """A model bundle can't be used; the message says what is wrong and what to do."""
