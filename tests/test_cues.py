"""Cues of promotions and page furniture, in many languages."""

from __future__ import annotations

import pytest

from detector.blocks import walk
from detector.document import parse
from detector.lexicon.cues import (
    CUE_ROLES,
    ROLES,
    CueMatcher,
    CueRow,
    load_cue_matcher,
    load_cue_rows,
    load_cues,
)


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


def roles(*blocks: str) -> list[set[str]]:
    offsets = [0]
    for block in blocks[:-1]:
        offsets.append(offsets[-1] + len(block) + 1)
    found: list[set[str]] = [set() for _ in blocks]
    for cue in load_cue_matcher().find("\n".join(blocks), offsets):
        found[cue.block].add(CUE_ROLES[cue.role])
    return found


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Suivez-nous sur les réseaux", "follow"),
        ("À LIRE AUSSI : la piscine rouvre", "read_also"),
        ("Lesen Sie auch: Der Wald im Winter", "read_also"),
        ("Te puede interesar: una isla", "read_also"),
        ("Читайте также: зимний лес", "read_also"),
        ("اقرأ أيضا: الشتاء", "read_also"),
        ("关注我们获取消息", "follow"),
        ("延伸閱讀：冬天", "read_also"),
        ("© 2024 Alle Rechte vorbehalten", "copyright"),
        ("Join our crew: sign up for our letter", "subscribe"),
        ("Tüm hakları saklıdır", "copyright"),
    ],
)
def test_cues_are_found_in_many_languages(text: str, role: str) -> None:
    assert role in roles(text)[0]


def test_a_single_word_counts_only_where_a_block_starts() -> None:
    assert roles("Share", "He kept his share of it") == [{"share"}, set()]


def test_a_cue_belongs_to_its_block_and_runs_across_none() -> None:
    assert roles("They read", "also here", "Read also") == [set(), set(), {"read_also"}]


def test_a_cue_inside_a_longer_one_of_its_role_is_left_out() -> None:
    cues = load_cue_matcher().find("À lire aussi : un pont", [0])
    assert [(cue.starts, CUE_ROLES[cue.role]) for cue in cues] == [(True, "read_also")]


def test_no_text_has_no_cue() -> None:
    assert load_cue_matcher().find("", []) == []


def test_the_table_is_sound() -> None:
    rows = load_cue_rows()
    assert len(set(rows)) == len(rows)
    assert all(row.role in CUE_ROLES and row.term.strip() for row in rows)
    languages = {row.language for row in rows} - {"und"}
    assert len(languages) >= 20
    for language in languages:
        assert {row.role for row in rows if row.language == language} == set(CUE_ROLES)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match="tuple"):
        CueMatcher([CueRow("en", "nonsense", "a word")])
