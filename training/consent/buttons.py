"""Labelled roots -> rows of their controls, each with its role."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from detector.consent.buttons import BUTTON_COLUMNS, ROLES, Control, button_rows, controls_of
from detector.consent.evidence import Evidence, gather
from training.consent.labels import ConsentPage, RootLabel
from training.consent.rows import KIND_CLASS, context_of, element_numbers

CONFIDENT: Final = 0.9
"""What the root's class gets in a row; in use it is the model's own probability."""


@dataclass(frozen=True, slots=True)
class ButtonRows:
    """The controls of all labelled roots of a page.

    Attributes:
        page: the page, without its bytes.
        matrix: (n, BUTTON_COLUMNS).
        target: (n,) 0 for no role, else one more than its place in `ROLES`.
        visible: (n,) whether a labelled button shows, as far as known.
    """

    page: ConsentPage
    matrix: npt.NDArray[np.float32]
    target: npt.NDArray[np.int64]
    visible: npt.NDArray[np.bool_]


def page_button_rows(page: ConsentPage) -> ButtonRows:
    """Read one page's labelled roots."""
    matrices = [np.zeros((0, len(BUTTON_COLUMNS)), np.float32)]
    targets: list[int] = []
    visible: list[bool] = []
    roots = page.labels.roots if page.labels else ()
    evidence = gather(context_of(page)) if roots else None
    if evidence is not None:
        table = evidence.context.table
        for root, number in zip(
            roots, element_numbers(table, [root.xpath for root in roots]), strict=True
        ):
            controls = controls_of(evidence, number)
            kind = np.full(3, (1 - CONFIDENT) / 2)
            kind[KIND_CLASS[root.kind] - 1] = CONFIDENT
            matrices.append(
                button_rows(evidence, number, kind, controls, links=page.set != "rendered")
            )
            roles = labelled_roles(evidence, root, controls)
            targets += [ROLES.index(role) + 1 if role else 0 for role, _ in roles]
            visible += [shown for _, shown in roles]
    return ButtonRows(
        replace(page, html=b"", gold=None),
        np.concatenate(matrices),
        np.array(targets, np.int64),
        np.array(visible, bool),
    )


def labelled_roles(
    evidence: Evidence, root: RootLabel, controls: tuple[Control, ...]
) -> list[tuple[str | None, bool]]:
    """Each control's labelled role, if it has one, and whether it shows.

    A label may be on an element around the control or inside it.
    """
    table = evidence.context.table
    numbers = element_numbers(table, [button.xpath for button in root.buttons])
    exact = dict(zip(numbers, root.buttons, strict=True))
    found: list[tuple[str | None, bool]] = []
    for control in controls:
        start, end = control.element, int(table.end[control.element])
        button = exact.get(start)
        if button is None:
            near = [
                each
                for number, each in zip(numbers, root.buttons, strict=True)
                if (start < number < end or number < start < int(table.end[number]))
                and evidence.text(number) == evidence.text(start)
            ]
            button = near[0] if near else None
        found.append(
            (button.role, button.visible is not False) if button is not None else (None, True)
        )
    return found
