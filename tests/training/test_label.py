"""Labelling in a browser: what is served, what is saved, and who may ask."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser import frame, result_of

from detector import Detector
from training.check import check
from training.label import PageLabels, main, serve
from training.own import FOLDER

NAMES = ("fr-article-presse", "de-article-moor", "nl-service-boekhouder")

CLICKS = """
const wait = async (until) => {
  for (let i = 0; i < 400 && !until(); i++) await new Promise((go) => setTimeout(go, 25));
  if (!until()) throw new Error(until.toString());
};
const at = (id) => document.getElementById(id);
const saved = () => at('state').textContent === 'saved';
await wait(() => at('title').textContent);
while (!at('where').textContent.includes('fr-article-presse')) {
  const before = at('where').textContent;
  at('next').click();
  await wait(() => at('where').textContent !== before);
}
const rows = () => [...document.querySelectorAll('.block')];
const first = rows()[0].className;
rows()[0].click();
await wait(saved);
const press = (key) =>
  document.body.dispatchEvent(new window.KeyboardEvent('keydown', {key, bubbles: true}));
press('ArrowDown');
press('1');
await wait(saved);
const root = document.querySelector('.root');
const select = [...root.querySelectorAll('li')]
  .find((each) => each.textContent.includes('Tout refuser')).querySelector('select');
select.value = 'close';
select.onchange();
await wait(saved);
return [first, rows()[0].className, rows()[1].className, rows().length];
"""


@pytest.fixture
def labels(tmp_path: Path, shipped: Detector) -> PageLabels:
    for name in NAMES:
        (tmp_path / f"{name}.html").write_bytes((FOLDER / f"{name}.html").read_bytes())
    (tmp_path / "nl-service-boekhouder.json").write_text('{"url": "https://a.example/"}')
    return PageLabels(tmp_path, shipped)


@pytest.fixture
def server(labels: PageLabels) -> Iterator[ThreadingHTTPServer]:
    made = serve(labels, 0)
    plain = made.RequestHandlerClass

    class Driven(plain):  # type: ignore[misc, valid-type]
        """Serves the test's own frame too, from the same origin."""

        def do_GET(self) -> None:
            if self.path == "/drive":
                page = frame("/", CLICKS).encode()
                self._answer(200, page, "text/html; charset=utf-8")
            else:
                super().do_GET()

    made.RequestHandlerClass = Driven
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def ask(
    server: ThreadingHTTPServer, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=60)
    text = body if isinstance(body, str) else json.dumps(body)
    kind = {"Content-Type": "application/json"} if method == "POST" else {}
    connection.request(method, path, text if method == "POST" else None, {**kind, **headers})
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def given(page: dict[str, Any], **changes: Any) -> dict[str, Any]:
    roots = [
        {"xpath": root["xpath"], "kind": root["kind"], "buttons": [
            {"xpath": c["xpath"], "role": c["role"]} for c in root["controls"] if c["role"]
        ]}
        for root in page["roots"]
    ]  # fmt: skip
    return {"labels": [block["label"] for block in page["blocks"]], "roots": roots, **changes}


def test_the_most_uncertain_page_comes_first(labels: PageLabels) -> None:
    doubt = [labels._doubt(labels.folder / f"{name}.html") for name in labels.names]
    assert doubt == sorted(doubt, reverse=True)
    assert not any(each["labelled"] for each in labels.overview())


def test_what_is_saved_is_a_page_set(labels: PageLabels) -> None:
    for name in labels.names:
        labels.save(name, given(labels.show(name)))
    wrong, pages = check(labels.folder)
    assert wrong == []
    assert all(each.page.gold and each.consent is not None for each in pages)
    kept = json.loads((labels.folder / "nl-service-boekhouder.json").read_text())
    assert kept["url"] == "https://a.example/"
    assert all(each["labelled"] for each in labels.overview())


def test_saved_labels_are_shown_again(labels: PageLabels) -> None:
    page = labels.show("de-article-moor")
    changed = given(page)
    changed["labels"][0] = "content"
    labels.save("de-article-moor", changed)
    again = labels.show("de-article-moor")
    assert [b["label"] for b in again["blocks"]] == changed["labels"]


def test_consent_without_a_root_gets_one(labels: PageLabels) -> None:
    name = "fr-article-presse"
    page = labels.show(name)
    assert page["roots"]
    labels.save(name, given(page, roots=[]))
    again = labels.show(name)
    assert [root["xpath"] for root in again["roots"]] == [page["roots"][0]["xpath"]]
    assert all(control["role"] == "" for control in again["roots"][0]["controls"])
    inside = [block["label"] for block in again["blocks"] if block["root"] == 0]
    assert inside
    assert set(inside) == {"consent"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": ["content"]}, "a label for each block"),
        ({"roots": None}, "roots is no list"),
        ({"roots": [{"xpath": "/html", "kind": "bar"}]}, "kind 'bar'"),
    ],
)
def test_what_has_another_form_is_not_saved(
    server: ThreadingHTTPServer, labels: PageLabels, changes: dict[str, Any], said: str
) -> None:
    body = given(labels.show("de-article-moor"), **changes)
    status, text = ask(server, "POST", "/page/de-article-moor", body)
    assert status == 400
    assert said in text
    assert not (labels.folder / "de-article-moor.json").exists()


def test_only_this_machine_and_these_pages_are_answered(server: ThreadingHTTPServer) -> None:
    assert ask(server, "GET", "/pages")[0] == 200
    assert ask(server, "GET", "/pages", Host="evil.example")[0] == 403
    assert ask(server, "GET", "/page/../../etc/passwd")[0] == 404
    assert ask(server, "GET", "/page/none")[0] == 404
    path = "/page/de-article-moor"
    assert ask(server, "POST", path, "{}", **{"Content-Type": "text/plain"})[0] == 400
    assert ask(server, "POST", path, "[1")[0] == 400
    assert server.server_address[0] == "127.0.0.1"


def test_clicks_and_keys_are_saved(
    server: ThreadingHTTPServer, labels: PageLabels, tmp_path_factory: pytest.TempPathFactory
) -> None:
    address = f"http://127.0.0.1:{server.server_address[1]}/drive"
    first, clicked, pressed, count = result_of(address, tmp_path_factory.mktemp("browser"))
    assert ("boilerplate" in first, "consent" in clicked, "content" in pressed) == (True,) * 3
    saved = json.loads((labels.folder / "fr-article-presse.json").read_text())
    assert len(saved["blocks"]) == count
    assert [label for label, _ in saved["blocks"]][:2] == ["consent", "content"]
    roles = {button["role"] for root in saved["consent"] for button in root["buttons"]}
    assert "close" in roles
    assert "reject_all" not in roles


def test_a_folder_without_pages_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert "holds no page" in capsys.readouterr().err
