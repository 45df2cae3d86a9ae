"""The text model of a bundle: blocks of a text -> a label for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from detector.bundle import Bundle
from detector.errors import BundleError
from detector.lexicon import ROLES
from detector.page import BOILERPLATE, CONSENT, CONTENT
from detector.predictor import Predictor
from detector.text.context import CONTROLS
from detector.text.features import FEATURES, TEXT_COLUMNS, featurise

TEXT_CONSENT_FILE: Final = "text-consent.txt"
TEXT_CONTENT_FILE: Final = "text-content.txt"
TEXT_FILES: Final = (TEXT_CONSENT_FILE, TEXT_CONTENT_FILE)
DEFINITIONS: Final = tuple((feature.name, "text", feature.doc) for feature in FEATURES)
"""Name, group and meaning of all columns of the text models."""
TEXT_THRESHOLDS: Final = ("text_consent", "text_content", "text_switch")

_HOPELESS: Final = 0.05
"""Probability of consent that must be reached somewhere for a text to have any."""

BRIDGED: Final = 0.03
"""Mean probability of the blocks between two runs from which they are one."""
LONGEST_BRIDGE: Final = 200
"""Most blocks between two runs that are one."""
SHORT_PASSAGE: Final = 40
"""Most words of a passage that needs no more evidence than its probability."""
CERTAIN: Final = 0.7
"""Mean probability of a passage from which it needs none either."""
LEAST_ROLES: Final = 3
"""Roles that must have a strong consent term in any other passage, unless a choice stands in it."""
HEADING: Final = 8
LIKELY: Final = 0.5
"""Most words of a passage's heading, and the probability from which it is content all the same: it
may say no more than that somebody cares."""
ABOUT_TERMS: Final = 5
"""Strong consent terms outside its passages from which a text is about consent."""
ABOUT_DENSITY: Final = 0.01
"""Such terms a word that it must have, too."""
CERTAIN_ABOUT: Final = 0.8
"""Mean probability from which a passage of such a text need not offer a choice."""

_WORDS: Final = TEXT_COLUMNS.index("words")
_STRONG: Final = TEXT_COLUMNS.index("strong")
_OPTIONS: Final = TEXT_COLUMNS.index("options")
_CHOICES: Final = [TEXT_COLUMNS.index(f"term_{ROLES[role]}") for role in CONTROLS]
_TERMS: Final = [TEXT_COLUMNS.index(f"term_{role}") for role in ROLES]


class TextModel(NamedTuple):
    """What labels the blocks of a text that has no markup left.

    Attributes:
        is_consent: a block's row -> probability of consent UI.
        is_content: a block's row -> probability of content, if it is no consent UI.
        consent: probability from which a block is consent, taken by itself.
        content: probability from which any other is content.
        switch: what a change between consent and the rest costs, in nats.
    """

    is_consent: Predictor
    is_content: Predictor
    consent: float
    content: float
    switch: float

    @classmethod
    def from_files(cls, files: Mapping[str, str], decision: Mapping[str, float]) -> TextModel:
        """From what `training.text.fit_text` returns.

        Raises:
            BundleError: a model was made for other features.
        """
        is_consent, is_content = (Predictor(files[name], name, waits=True) for name in TEXT_FILES)
        for predictor in (is_consent, is_content):
            if predictor.feature_names != TEXT_COLUMNS:
                raise BundleError(
                    f"{predictor.name} was made for other features than this version's"
                )
        consent, content, switch = (float(decision[name]) for name in TEXT_THRESHOLDS)
        return cls(is_consent, is_content, consent, content, switch)

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> TextModel:
        """From a bundle.

        Raises:
            BundleError: it has no text models, or those of another version.
        """
        decision = {name: bundle.number(name) for name in TEXT_THRESHOLDS}
        return cls.from_files({name: bundle.text(name) for name in TEXT_FILES}, decision)

    def label(self, texts: Sequence[str]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float64]]:
        """Blocks of a text, in order -> labels (b,), and probabilities (b, LABELS)."""
        matrix = featurise(texts)
        probabilities = self.probabilities(matrix)
        labels = decide(
            probabilities, matrix, consent=self.consent, content=self.content, switch=self.switch
        )
        return labels, probabilities

    def probabilities(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """(b, LABELS), each row sums to 1."""
        consent, content = self.is_consent.predict(matrix), self.is_content.predict(matrix)
        rest = 1 - consent
        return np.stack((rest * content, rest * (1 - content), consent), axis=1)


def decide(
    probabilities: npt.NDArray[np.floating],
    matrix: npt.NDArray[np.float32],
    *,
    consent: float,
    content: float,
    switch: float,
) -> npt.NDArray[np.int8]:
    """Consent in runs; of the rest, content from its threshold on. See `TextModel`.

    Args:
        probabilities: (b, LABELS).
        matrix: (b, TEXT_COLUMNS), as of `featurise`.
    """
    kept = probabilities[:, CONTENT]
    ours = kept >= content * (kept + probabilities[:, BOILERPLATE])
    labels = np.where(ours, CONTENT, BOILERPLATE).astype(np.int8)
    probability = probabilities[:, CONSENT]
    runs = [
        (first, end)
        for first, end in bridged(passages(consent_runs(probability, consent, switch)), probability)
        if is_founded(probability[first:end], matrix[first:end])
    ]
    inside = np.zeros(len(labels), bool)
    for first, end in runs:
        inside[first:end] = True
    about = is_about_consent(matrix[~inside])
    for first, end in runs:
        if not about or is_offer(probability[first:end], matrix[first:end]):
            labels[first:end] = CONSENT
            before = slice(max(first - 1, 0), first)
            if kept[before].sum() < LIKELY and _words(matrix[before]).sum() <= HEADING:
                labels[before] = np.maximum(labels[before], BOILERPLATE)
    return labels


def bridged(
    runs: Sequence[tuple[int, int]], probability: npt.NDArray[np.floating]
) -> list[tuple[int, int]]:
    """Runs with those joined between which nothing speaks strongly against consent UI.

    A preference centre's tables say little by themselves: names, durations, plain descriptions.
    """
    joined: list[tuple[int, int]] = []
    for first, end in runs:
        last = joined[-1][1] if joined else 0
        between = probability[last:first]
        if joined and len(between) <= LONGEST_BRIDGE and between.mean() >= BRIDGED:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((first, end))
    return joined


def is_founded(probability: npt.NDArray[np.floating], rows: npt.NDArray[np.float32]) -> bool:
    """Whether a passage may be consent UI: what is long and in doubt must show that it is.

    A banner says what it is about, what for and what can be chosen; a text about cookies may say
    no more than "cookies" for paragraphs.
    """
    words = _words(rows)
    if words.sum() <= SHORT_PASSAGE or np.average(probability, weights=words) >= CERTAIN:
        return True
    roles = (rows[:, _TERMS].sum(axis=0) > 0).sum()
    return bool(roles >= LEAST_ROLES or rows[:, _OPTIONS].sum() > 0)


def is_about_consent(rows: npt.NDArray[np.float32]) -> bool:
    """Whether blocks that are no consent UI speak of cookies and consent."""
    terms = float(rows[:, _STRONG].sum())
    return terms >= ABOUT_TERMS and terms >= ABOUT_DENSITY * float(_words(rows).sum())


def is_offer(probability: npt.NDArray[np.floating], rows: npt.NDArray[np.float32]) -> bool:
    """Whether a passage offers a choice, or is surely consent UI: asked in texts about consent."""
    labels = rows[rows[:, _OPTIONS] > 0]
    choices = (labels[:, _CHOICES].sum(axis=0) > 0).sum()
    return bool(choices >= 2 or np.average(probability, weights=_words(rows)) >= CERTAIN_ABOUT)


def _words(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    # At least one: a single sign that is a letter of its own script may count as none.
    return np.maximum(np.expm1(rows[:, _WORDS].astype(np.float64)), 1.0)


def passages(marked: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of marked blocks: the first block of each, and the one after its last."""
    padded = np.concatenate(([False], marked, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def consent_runs(
    probability: npt.NDArray[np.floating], threshold: float, switch: float
) -> npt.NDArray[np.bool_]:
    """The likeliest sequence of consent and other blocks, by Viterbi's algorithm.

    Consent UI is a run of blocks: what is in doubt goes with what stands around it. Each change
    between consent and the rest costs `switch`, in nats; without that the rule would be
    `probability >= threshold`.
    """
    labels = np.zeros(len(probability), bool)
    if not len(probability) or probability.max() < _HOPELESS:
        return labels
    clipped = np.clip(probability.astype(np.float64), 1e-4, 1 - 1e-4)
    gain = np.log(clipped / (1 - clipped)) - np.log(threshold / (1 - threshold))
    # How far the best sequence that ends inside consent UI leads the best that ends outside.
    lead = -np.inf
    leads = []
    for value in gain.tolist():
        leads.append(lead)
        lead = min(max(lead, -switch), switch) + value
    inside = lead > 0
    for number in range(len(leads) - 1, -1, -1):
        labels[number] = inside
        inside = leads[number] > (-switch if inside else switch)
    return labels
