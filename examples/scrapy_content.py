"""Scrapy: an item pipeline that puts a page's content in the place of its HTML.

pip install 'detector[scrapy]'
scrapy runspider examples/scrapy_content.py -a start=https://example.org/ -o pages.jsonl
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.exceptions import DropItem
from scrapy.http import Response, TextResponse

from detector import Detector


class ContentPipeline:
    """Adds title, text and whether there is a banner; drops pages that say nothing."""

    def __init__(self) -> None:
        self.detector = Detector()

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        page = self.detector.detect(item.pop("html"), url=item["url"], encoding=item.pop("charset"))
        if not page.text:
            raise DropItem("no content")
        return item | {"title": page.title, "text": page.text, "banner": page.banner is not None}


class SiteSpider(scrapy.Spider):
    """Follows the links of a site."""

    name = "site"
    custom_settings = {"ITEM_PIPELINES": {ContentPipeline: 300}}  # noqa: RUF012 -- Scrapy's way

    def __init__(self, start: str, **options: Any) -> None:
        super().__init__(**options)
        self.start_urls = [start]
        self.allowed_domains = [start.split("/")[2].partition(":")[0]]

    def parse(self, response: Response) -> Iterator[Any]:
        if isinstance(response, TextResponse):
            header = response.headers.get("Content-Type") or b""
            charset = header.decode("latin-1").partition("charset=")[2] or None
            yield {"url": response.url, "html": response.body, "charset": charset}
            yield from response.follow_all(css="a")
