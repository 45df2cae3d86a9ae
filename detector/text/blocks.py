"""Text -> blocks: the paragraphs and lines that an extractor left, with their offsets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from detector.lazy import regex

WRAPPED_CHARS: Final = 100
"""Longest line of a paragraph that was wrapped to a width."""
WRAPPED_LEAST: Final = 40
"""Least width to wrap to; shorter lines are a list, or verse."""
WRAPPED_FILL: Final = 0.6
"""How full each line but the last is in such a paragraph, as a share of the longest."""

_LINE: Final = regex(r"[^\n\r\v\f\x85\u2028\u2029]+")
_BREAK: Final = regex(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_WORD: Final = regex(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A paragraph, or a line: `text[start:end]` without white space around it."""

    start: int
    end: int
    text: str


def split_blocks(text: str) -> list[TextBlock]:
    """Cut a text into blocks, in order; what has no letter or digit is left out.

    Blank lines part paragraphs. The lines of a paragraph are blocks of their own, as in lists,
    unless they look wrapped to a width. Without blank lines every line is a block.

    >>> [block.text for block in split_blocks("One.\\n\\nTwo\\nThree\\n\\n***")]
    ['One.', 'Two', 'Three']
    """
    paragraphs = list(_paragraphs(text))
    spans = (
        span
        for lines in paragraphs
        for span in ([(lines[0][0], lines[-1][1])] if _wrapped(lines, paragraphs) else lines)
    )
    return [
        TextBlock(start, end, text[start:end])
        for start, end in spans
        if _WORD.search(text, start, end)
    ]


def _paragraphs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Spans of the lines of each paragraph, white space around them left out."""
    lines: list[tuple[int, int]] = []
    last = 0
    for match in _LINE.finditer(text):
        line = match[0]
        start = match.start() + len(line) - len(line.lstrip())
        end = match.end() - (len(line) - len(line.rstrip()))
        if start >= end:
            continue
        if lines and len(_BREAK.findall(text, last, start)) > 1:
            yield lines
            lines = []
        lines.append((start, end))
        last = end
    if lines:
        yield lines


def _wrapped(lines: list[tuple[int, int]], paragraphs: list[list[tuple[int, int]]]) -> bool:
    if len(lines) == 1 or len(paragraphs) == 1:
        return False
    sizes = [end - start for start, end in lines]
    longest = max(sizes)
    return WRAPPED_LEAST <= longest <= WRAPPED_CHARS and min(sizes[:-1]) >= WRAPPED_FILL * longest
