"""How lines that lead away begin, in many languages."""

from __future__ import annotations

import pytest

from detector.blocks import walk
from detector.document import parse
from detector.lexicon.cues import ROLES, load_cues


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Lire aussi : Au collège, des seaux", "read_also"),
        ("» À lire aussi", "read_also"),
        ("Read more", "read_also"),
        ("Lesen Sie auch: Der Fluss", "read_also"),
        ("Читайте также: мост", "read_also"),
        ("阅读更多 内容", "read_also"),
        ("Suivez-nous sur Mastodon", "follow"),
        ("Follow us on the network", "follow"),
        ("Readmore tomorrow", ""),
        ("Vauclaire : la halle aux grains", ""),
        ("", ""),
        (" ", ""),
        ("7", ""),
    ],
)
def test_cues(text: str, role: str) -> None:
    assert ROLES[load_cues().role_of(text)] == role


def test_the_walk_notes_them() -> None:
    table = walk(parse("<p>A bridge.<p><b>Read also</b>: <a>Rain</a><p>Share this").root)
    assert [ROLES[cue] for cue in table.cue] == ["", "read_also", "follow"]
