"""What is set onto other pages to learn from: labelled banners, look-alikes, and both cut short."""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

import numpy as np
from lxml import etree

from detector.consent.model import REOPEN
from detector.features.context import Context
from detector.lexicon import load_matcher, load_terms
from training.consent.labels import ConsentPage, RootLabel
from training.consent.rows import KIND_CLASS, context_of, element_numbers

BOXES: Final = 2
"""Most boxes of a page that are look-alikes."""
BOX_WORDS: Final = (6, 60)
"""Fewest and most words in one."""
CONTROLS: Final = 4
"""Most controls of what is cut short."""
LABEL: Final = 30
"""Most characters of a control's label; a sentence has more."""
ANSWERS: Final = (
    "af ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is "
    "it ja ka km ko lb lo lt lv mk ms mt nb nl nn oc pl pt ro ru sk sl sq sr sv th tl tr uk vi "
    "zh und"
).split()
"""Languages that look-alikes' answers are drawn from: not all of the lexicon's, so that another one
there does not change what is made."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?\u3002\uff01\uff1f\u0964])\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Scion:
    """What is set elsewhere.

    Attributes:
        element: a copy of it.
        kind: of banner, or None for a look-alike.
        texts: of its blocks.
        controls: labels of its labelled buttons; of a look-alike, short texts of its controls.
    """

    element: etree._Element
    kind: str | None
    texts: tuple[str, ...]
    controls: tuple[str, ...]


def banners(page: ConsentPage) -> list[Scion]:
    """A page's labelled roots that ask or inform."""
    labels = page.labels.roots if page.labels else ()
    asking = [root for root in labels if KIND_CLASS[root.kind] != REOPEN]
    context = context_of(page) if asking else None
    if context is None:
        return []
    numbers = element_numbers(context.table, [root.xpath for root in asking])
    return [_scion(context, *pair) for pair in zip(numbers, asking, strict=True)]


def look_alike(page: ConsentPage, xpath: str) -> Scion:
    """What stands at the path of a labelled look-alike."""
    context = context_of(page)
    (number,) = element_numbers(context.table, [xpath])
    return _scion(context, number)


def boxes(page: ConsentPage, random: Random) -> list[Scion]:
    """Some of a page's small boxes with controls, such as sign-ups, logins and offers. The page has
    no consent UI, so none of them is any."""
    context = context_of(page)
    words = context.element_words
    fit = [
        number
        for number, element in enumerate(context.table.elements)
        if BOX_WORDS[0] <= words[number] <= BOX_WORDS[1]
        and next(element.iter("button", "input"), None) is not None
    ]
    return [_scion(context, number) for number in random.sample(fit, min(len(fit), BOXES))]


def _scion(context: Context, number: int, root: RootLabel | None = None) -> Scion:
    table = context.table
    if root is not None:
        paths = [button.xpath for button in root.buttons]
        buttons = [table.elements[button] for button in element_numbers(table, paths)]
    else:
        buttons = list(table.elements[number].iter("button", "a", "input"))
    said = (" ".join(_label(button).split()) for button in buttons)
    controls = tuple(label for label in said if 0 < len(label) <= LABEL)
    blocks = np.flatnonzero((table.element >= number) & (table.element < table.end[number]))
    element = copy.deepcopy(table.elements[number])
    element.tail = None
    texts = tuple(table.block_text(int(block)) for block in blocks)
    return Scion(element, root.kind if root else None, texts, controls)


def _label(control: etree._Element) -> str:
    return "".join(control.itertext()) or control.get("value") or ""


def cut_short(scion: Scion, random: Random) -> Scion | None:
    """A sentence or two of it and some of its controls; None where it has no sentence."""
    sentences = [
        sentence
        for text in scion.texts
        for sentence in _SENTENCE_END.split(text)
        if len(sentence) > LABEL
    ]
    if not sentences:
        return None
    start = 0 if random.random() < 0.5 else random.randrange(len(sentences))
    said = " ".join(sentences[start : start + random.choice((1, 1, 2))])
    if random.random() < 0.4:
        said = _beginning(said, random)
    labels = scion.controls[:CONTROLS]
    if scion.kind is None and random.random() < 0.5:
        labels = tuple(map(random.choice, random.choice(_answers())))
    controls = [label for label in labels if random.random() < 0.8]
    element = _box(scion, said, controls, random)
    return Scion(element, scion.kind, (said, *controls), tuple(controls))


def _box(scion: Scion, said: str, labels: Sequence[str], random: Random) -> etree._Element:
    """An element with the sentence and controls of the labels; of preference centres with some
    switches, of look-alikes perhaps with an input."""
    top = etree.Element(random.choice(("div", "div", "section", "aside", "form")))
    inner = top if random.random() < 0.5 else etree.SubElement(top, "div")
    if random.random() < 0.3:
        for name in ("id", "class", "role", "style", "aria-label"):
            if value := scion.element.get(name):
                top.set(name, value)
    text = etree.SubElement(inner, random.choice(("p", "p", "span", "div")))
    text.text = said
    if scion.kind is None and random.random() < 0.3:
        etree.SubElement(inner, "input", type=random.choice(("email", "text", "password")))
    if random.random() < (0.8 if scion.kind == "preferences" else 0.1):
        for item in _items(scion)[: random.randint(2, 5)]:
            switch = etree.SubElement(etree.SubElement(inner, "div"), "label")
            etree.SubElement(switch, "input", type="checkbox").tail = item
    tag = random.choice(("button", "button", "a", "input"))
    for label in labels:
        control = etree.SubElement(inner, tag)
        if tag == "input":
            control.set("type", "button")
            control.set("value", label)
        else:
            control.text = label
            control.tail = " "
    return top


def _beginning(sentence: str, random: Random) -> str:
    """Its first words, if they say what it is about; else all of it."""
    words = sentence.split()[: random.randint(3, 8)]
    said = " ".join(words)[: 8 * len(words)]
    return said if any(True for _ in load_matcher().spans(said)) else sentence


def _items(scion: Scion) -> list[str]:
    """Its short texts that are no labels of buttons: names of purposes, mostly."""
    return [text for text in scion.texts if len(text) <= LABEL and text not in scion.controls]


@cache
def _answers() -> tuple[tuple[list[str], ...], ...]:
    """In each of `ANSWERS` the words that a consent banner's buttons share with all other
    questions': yes, no, close."""
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for term in load_terms():
        if term.strength == "label" and term.role in ("accept_all", "reject_all", "close"):
            for language in term.languages:
                said[language][term.role].append(term.text)
    return tuple(tuple(said[language].values()) for language in sorted(ANSWERS))
