"""Words and platform facts that tell consent UI, and one matcher for all the words.

See README.md beside this file for where they come from and how to add a language.
"""

from __future__ import annotations

from functools import cache

from detector.lexicon.matcher import Matcher, compile_terms
from detector.lexicon.platforms import Platform, load_platforms
from detector.lexicon.terms import ROLES, STRENGTHS, Term, load_rows, load_terms

__all__ = [
    "ROLES",
    "STRENGTHS",
    "Matcher",
    "Platform",
    "Term",
    "compile_terms",
    "load_matcher",
    "load_platforms",
    "load_terms",
]


@cache
def load_matcher() -> Matcher:
    """The matcher of all languages, compiled when first asked for."""
    return Matcher(load_rows())
