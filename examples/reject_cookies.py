"""Playwright: press what rejects cookies, wherever on the page it is.

    pip install 'detector[playwright]'

A frame has a document of its own, so each is detected by itself. Open shadow roots belong to their
document, but its serialisation leaves them out: `SNAPSHOT` puts their content into their hosts, and
numbers the elements, so that the button that was found can be found in the browser again.
"""

from __future__ import annotations

from lxml import html as lxml_html
from playwright.sync_api import Page

import detector

SNAPSHOT = """() => {
  let count = 0
  const number = root => {
    for (const element of root.querySelectorAll('*')) {
      element.setAttribute('data-number', count++)
      if (element.shadowRoot) number(element.shadowRoot)
    }
  }
  const copy = (root, into) => {
    for (const host of root.querySelectorAll('*')) {
      if (!host.shadowRoot) continue
      const place = into.querySelector(`[data-number="${host.getAttribute('data-number')}"]`)
      for (const child of host.shadowRoot.childNodes) place.append(child.cloneNode(true))
      copy(host.shadowRoot, place)
    }
  }
  number(document)
  const clone = document.documentElement.cloneNode(true)
  copy(document, clone)
  return clone.outerHTML
}"""


def reject_cookies(page: Page) -> str | None:
    """Press the button that rejects cookies; its text, or None where there is none."""
    for frame in page.frames:
        tree = lxml_html.document_fromstring(frame.evaluate(SNAPSHOT))
        banner = detector.detect(tree, url=frame.url).banner
        button = banner and banner.preferred("reject")
        if button:
            (element,) = tree.xpath(button.xpath)
            # Playwright's CSS looks into open shadow roots.
            frame.locator(f'[data-number="{element.get("data-number")}"]').click()
            return button.text
    return None
