"""The programs in `examples/`, with the real thing running."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
from lxml import html as lxml_html

from detector import Detector
from training.own import FOLDER

EXAMPLES = Path(__file__).parents[1] / "examples"
CHROMIUM = Path("/usr/bin/chromium")

# What each page's banner says to who wants none, and the element that is the banner.
REJECTIONS = {
    "ar-article-aflaj": ("رفض", "body > div"),
    "el-product-briki": ("Απόρριψη", "#cookieCanvas"),
    "en-article-cookie-law": ("Reject", "#lr-consent"),
    "en-collection-reading-lamps": ("Only essential", "#cookie-alert"),
    "en-product-field-recorder": ("Refuse all", "#portal"),
    "en-product-hiking-boots": ("Decline", "#shop-privacy-banner"),
    "es-listing-empleos": ("Rechazar todo", "#ck-capa"),
    "fr-article-presse": ("Tout refuser", "#bandeau-traceurs"),
    "fr-service-pianos": ("Je refuse", "#cookie-law-bar"),
    "ja-collection-tenugui": ("すべて拒否", "privacy-banner"),
    "pt-service-mudancas": ("Rejeitar opcionais", "#lgpd"),
    "zh-hant-listing-kecheng": ("僅限必要", "#ck-bar"),
}


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the example needs the extra detector[playwright]"
    )
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's Chromium: apt-get install chromium")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", lambda route: route.abort())
        yield page
        browser.close()


def closing(html: str, banner: str, rejection: str) -> str:
    """The page with the script that its banner would have: the right button alone closes it."""
    script = f"""<script>
      document.querySelector({json.dumps(banner)}).addEventListener('click', event => {{
        const pressed = event.composedPath()[0].closest('a, button, span, div')
        if (pressed.textContent.trim().replace(/\\s+/g, ' ') === {json.dumps(rejection)}) {{
          event.preventDefault()
          event.currentTarget.remove()
        }}
      }})
    </script>"""
    return html.replace("</body>", script + "</body>")


@pytest.mark.parametrize("name", REJECTIONS)
def test_a_rejected_banner_is_gone(browser_page: Any, name: str) -> None:
    rejection, banner = REJECTIONS[name]
    html = (FOLDER / f"{name}.html").read_text("utf-8")
    browser_page.set_content(closing(html, banner, rejection), wait_until="commit")
    before = browser_page.locator(banner).count()
    assert example("reject_cookies").reject_cookies(browser_page) == rejection
    assert browser_page.locator(banner).count() == before - 1


def test_a_banner_in_a_frame_and_in_a_shadow_root(browser_page: Any) -> None:
    reject_cookies = example("reject_cookies").reject_cookies
    html = (FOLDER / "fr-article-presse.html").read_text("utf-8")
    tree = lxml_html.document_fromstring(html)
    (banner,) = tree.cssselect("#bandeau-traceurs")
    markup = lxml_html.tostring(banner, encoding="unicode")
    banner.drop_tree()
    bare = lxml_html.tostring(tree, encoding="unicode")
    framed = closing(f"<body>{markup}</body>", "#bandeau-traceurs", "Tout refuser")
    add_frame = "html => { const f = document.createElement('iframe'); f.srcdoc = html; "
    add_frame += "f.width = 900; f.height = 500; document.body.prepend(f) }"
    browser_page.set_content(bare, wait_until="commit")
    browser_page.evaluate(add_frame, framed)
    frame = browser_page.frames[1]
    frame.wait_for_selector("#bandeau-traceurs", state="attached")
    assert reject_cookies(browser_page) == "Tout refuser"
    assert frame.locator("#bandeau-traceurs").count() == 0

    browser_page.set_content(bare, wait_until="commit")
    browser_page.evaluate(
        """html => {
          const host = document.createElement('div')
          document.body.append(host)
          const root = host.attachShadow({mode: 'open'})
          root.innerHTML = html
          for (const button of root.querySelectorAll('button'))
            if (button.textContent.trim() === 'Tout refuser') button.onclick = () => host.remove()
        }""",
        markup,
    )
    assert browser_page.locator("#bandeau-traceurs").count() == 1
    assert reject_cookies(browser_page) == "Tout refuser"
    assert browser_page.locator("#bandeau-traceurs").count() == 0
    assert reject_cookies(browser_page) is None


CYRILLIC = "<p>Текст статьи в старой кодировке, достаточно длинный для абзаца.</p>".encode("koi8-r")


class _Site(BaseHTTPRequestHandler):
    """Two of the own pages, the second in a charset that only the header names, and an index."""

    pages: ClassVar = {
        "/": (b"<title>Index</title><a href=/one>1</a><a href=/two>2</a>", "utf-8"),
        "/one": ((FOLDER / "fr-article-presse.html").read_bytes(), "utf-8"),
        "/two": ("<h1>Старая кодировка</h1>".encode("koi8-r") + CYRILLIC * 9, "koi8-r"),
    }

    def do_GET(self) -> None:
        body, charset = self.pages.get(self.path, (b"", "utf-8"))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", f"text/html; charset={charset}")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


def test_scrapy_gives_the_content_of_a_site(tmp_path: Path, shipped: Detector) -> None:
    pytest.importorskip("scrapy", reason="the example needs the extra detector[scrapy]")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    start = f"http://127.0.0.1:{server.server_port}/"
    command = [sys.executable, "-m", "scrapy", "runspider", str(EXAMPLES / "scrapy_content.py")]
    out = tmp_path / "pages.jsonl"
    subprocess.run(
        [*command, "-a", f"start={start}", "-o", str(out), "-s", "LOG_LEVEL=ERROR"],
        check=True,
        timeout=300,
        cwd=tmp_path,
    )
    server.shutdown()
    server.server_close()
    items = {item["url"]: item for item in map(json.loads, out.read_text("utf-8").splitlines())}
    press = shipped.detect(_Site.pages["/one"][0], url=f"{start}one")
    assert items[f"{start}one"]["text"] == press.text
    assert items[f"{start}one"]["banner"] is True
    assert "Текст статьи" in items[f"{start}two"]["text"]
    assert all("html" not in item for item in items.values())


def test_datatrove_runs_the_extractor_in_a_pipeline(tmp_path: Path, shipped: Detector) -> None:
    pytest.importorskip("datatrove", reason="the example needs the extra detector[datatrove]")
    names = ("fr-article-presse", "en-article-night-tram")
    pages = {name: (FOLDER / f"{name}.html").read_text("utf-8") for name in names}
    program = f"""
import json, sys
sys.path.insert(0, {str(EXAMPLES)!r})
from datatrove.data import Document
from datatrove_extractor import DetectorExtractor
pages = json.load(sys.stdin)
documents = [Document(text=html, id=name) for name, html in pages.items()]
documents.append(Document(text="<script>nothing</script>", id="empty"))
extractor = DetectorExtractor(timeout=120)
print(json.dumps({{document.id: document.text for document in extractor.run(documents)}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(pages),
        capture_output=True,
        check=True,
        text=True,
        timeout=300,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {name: shipped.detect(html).text for name, html in pages.items()}
