"""WARC files for tests."""

from __future__ import annotations

import gzip

HTML = "text/html; charset=utf-8"


def response(url: str, body: bytes, content_type: str = HTML, headers: str = "") -> bytes:
    """A response record."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{headers}\r\n"
    return record(url, "response", "application/http; msgtype=response", head.encode() + body)


def record(url: str, kind: str, content_type: str, block: bytes) -> bytes:
    """A record of any type."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{len(block):012}>\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def zipped(records: list[bytes]) -> list[bytes]:
    """Each record as a gzip member, as archives have them."""
    return [gzip.compress(each, mtime=0) for each in records]
