"""Words and platform facts that tell consent UI, and one matcher for all of them."""

from __future__ import annotations

from functools import cache

from detector.lexicon.matcher import Matcher, compile_terms
from detector.lexicon.terms import ROLES, STRENGTHS, Term, load_rows, load_terms

__all__ = ["ROLES", "STRENGTHS", "Matcher", "Term", "compile_terms", "load_matcher", "load_terms"]


@cache
def load_matcher() -> Matcher:
    """The matcher of all languages, compiled when first asked for."""
    return Matcher(load_rows())
