"""A headless Chromium for tests that need a real browser; they skip where there is none."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, Literal

import pytest

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The browser's command; skips the test where it is not installed."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    return found


def evaluate(
    html: str,
    script: str,
    folder: Path,
    *,
    width: int = 1200,
    scheme: Literal["light", "dark"] = "light",
    policy: bool = False,
) -> Any:
    """What a script's function body returns in the document, by way of JSON.

    Args:
        html: the document; its own policy, which forbids scripts, is taken out unless `policy`.
        script: ends with a `return`.
        folder: for the document and the browser's profile.
        width: of the window; narrow ones are a frame in a wider page.
        scheme: what the reader prefers.
        policy: leave the document's policy in, and look at it from a frame around it.
    """
    page = html if policy else _POLICY.sub("", html)
    # A window can't be narrower than some 500 pixels; a frame can.
    (folder / "page.html").write_text(page, "utf-8")
    (folder / "frame.html").write_text(frame("page.html", script, width), "utf-8")
    return result_of((folder / "frame.html").as_uri(), folder, scheme=scheme)


def frame(address: str, script: str, width: int = 1200) -> str:
    """A document that shows another in a frame, and runs a script on it once it is there.

    Args:
        address: of the other document, of the same origin.
        script: the body of an async function of `window` and `document`, the frame's.
        width: of the frame.
    """
    return (
        f'<!DOCTYPE html><body style="margin:0"><iframe id="f" style="border:0" width="{width}" '
        f'height="800" src="{address}"></iframe><pre id="result"></pre><script>'
        'const f = document.getElementById("f"); f.onload = async () => {'
        "const window = f.contentWindow, document = f.contentDocument;"
        f"const result = await (async () => {{ {script} }})();"
        'f.ownerDocument.getElementById("result").textContent = JSON.stringify(result); };'
        "</script>"
    )


def result_of(address: str, folder: Path, *, scheme: Literal["light", "dark"] = "light") -> Any:
    """What the script of a `frame` at an address returned, by way of JSON."""
    done = subprocess.run(
        [
            chromium(),
            *_FLAGS,
            "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
            "--window-size=1300,900",
            "--virtual-time-budget=20000",
            "--dump-dom",
            address,
        ],
        capture_output=True,
        check=True,
        timeout=120,
    )
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout.decode(), re.DOTALL)
    assert found is not None
    assert found[1], done.stderr.decode()
    return json.loads(unescape(found[1]))


CONTRAST = """
for (const each of document.querySelectorAll('details')) each.open = true;
const parse = (text) => {
  const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  c.fillStyle = text; c.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = c.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
const light = (rgb) => {
  const [r, g, b] = rgb.map((v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const ground = (element) => {
  const chain = [];
  for (let e = element; e; e = e.parentElement) {
    chain.unshift(parse(window.getComputedStyle(e).backgroundColor));
  }
  return chain.reduce((under, top) => over(top, under), [255, 255, 255]);
};
const found = {};
const walker = document.createTreeWalker(document.body, 4);
let count = 0;
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || element.closest('style, script')) continue;
  const style = window.getComputedStyle(element);
  if (style.display === 'none') continue;
  const under = ground(element);
  const ink = over(parse(style.color), under);
  const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
  const ratio = (a + .05) / (b + .05);
  const name = element.tagName + '.' + element.className;
  found[name] = Math.min(found[name] ?? 99, ratio);
  count += 1;
}
return {count, ratios: found, overflow: document.documentElement.scrollWidth - window.innerWidth};
"""
"""Least contrast of the text of each kind of element, and how far the page is wider than it may."""
