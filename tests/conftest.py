"""Shared by all tests: the project's own pages and the shipped detector."""

from __future__ import annotations

import functools

import pytest
from hypothesis import settings

from detector import Detector
from training.own import OwnPage, own_pages

# No test fails because a machine is slow, and all runs see the same examples.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


@functools.cache
def all_own_pages() -> tuple[OwnPage, ...]:
    return tuple(own_pages())


@pytest.fixture(scope="session")
def shipped() -> Detector:
    """A detector of the shipped bundle."""
    return Detector()


@pytest.fixture(scope="session")
def own() -> dict[str, OwnPage]:
    """The project's own pages by name."""
    return {page.name: page for page in all_own_pages()}
