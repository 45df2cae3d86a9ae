"""News pages of 2011 to 2013 in Chinese, English, Greek, Polish and Russian, from waddle."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from pathlib import Path

from training.corpora.page import CorpusError, Entry, LabelledPage, read_bytes, read_json, sha256
from training.domains import registered_domain

_ROOT = "corpora/Corpus_daniel_v2.1"
LANGUAGES = f"{_ROOT}/doc_lg.json"
_CODES = {"Chinese": "zh", "English": "en", "Greek": "el", "Polish": "pl", "Russian": "ru"}
# One reference has the typing error ",p>".
_PARAGRAPH = re.compile(r"</?p>|^,p>", re.MULTILINE)


def entries(root: Path) -> Iterator[Entry]:
    """The pages whose HTML and reference text are both under `root`."""
    languages = read_json(root / LANGUAGES)
    for html_path in sorted((root / _ROOT / "html").glob("*")):
        name = html_path.name
        # Names are <date>_<host>_<digest>; the rest of the address is lost.
        url = f"http://{name.split('_')[1]}/"
        gold_path = root / _ROOT / "reference" / name
        html, reference = read_bytes(html_path), read_bytes(gold_path)
        if languages.get(name) not in _CODES:
            raise CorpusError(f"{LANGUAGES} gives no known language for {name}")
        page = LabelledPage(
            set="waddle",
            id=f"waddle/{name}",
            html=html,
            url=url,
            site=registered_domain(url),
            lang=_CODES[languages[name]],
            page_type="article",
            gold=reference_text(reference.decode("utf-8")),
            with_=(),
            without=(),
            sha256=sha256(html),
            encoding="utf-8",  # all were saved so, though some declare another
        )
        yield Entry(
            page,
            html_path.relative_to(root).as_posix(),
            gold_path.relative_to(root).as_posix(),
            sha256(reference),
        )


def reference_text(marked: str) -> str:
    """A reference's paragraphs as plain text, a blank line between two.

    >>> reference_text("<p>a &amp; b</p>\\n<p>c</p>\\n")
    'a & b\\n\\nc'
    """
    parts = (entities.unescape(part).strip() for part in _PARAGRAPH.split(marked))
    return "\n\n".join(part for part in parts if part)
