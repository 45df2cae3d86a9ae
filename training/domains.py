"""Registered domains, and folds that never split one."""

from __future__ import annotations

import hashlib
import ipaddress
from collections import Counter
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> PublicSuffixList:
    # Only the registries' own suffixes: two blogs of one hosting service share its templates,
    # so they have to stay on the same side of a split.
    return PublicSuffixList(only_icann=True)


def host_of(url_or_host: str) -> str:
    """The host in lower case, without port, credentials or a final dot; '' when there is none."""
    text = url_or_host.strip()
    if "://" not in text:
        text = "//" + text.removeprefix("//")
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:  # brackets that hold no IPv6 address
        return ""
    return host.rstrip(".")


def registered_domain(url_or_host: str) -> str:
    """The part of the host that somebody registered, by the Public Suffix List in the package.

    An IP address, a bare suffix and a name of one label are returned as they are.

    >>> registered_domain("https://news.bbc.co.uk/a?b")
    'bbc.co.uk'
    >>> registered_domain("www.example.com:8080")
    'example.com'
    """
    host = host_of(url_or_host)
    if not host:
        return ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return str(_suffixes().privatesuffix(host) or host)
    return host


def leading_domain(name: str) -> str:
    """The registered domain that a file name starts with, set off by a dot or a dash.

    >>> leading_domain("www.zeit.de.news.html"), leading_domain("jis.gov.jm-port.html")
    ('zeit.de', 'jis.gov.jm')
    """
    labels = name.lower().split(".")
    host, suffix = "", ""
    for end in range(2, len(labels) + 1):
        longer = ".".join([*labels[: end - 1], labels[end - 1].partition("-")[0]])
        ending = _known_suffix(longer)
        # A later label counts only if it goes on with the suffix, as "gov.jm" does with "gov".
        if ending and (not host or ending.startswith(f"{suffix}.")):
            host, suffix = longer, ending
    return registered_domain(host or name)


def _known_suffix(host: str) -> str:
    """The public suffix below which `host` lies, '' when the list has none."""
    if not _suffixes().privatesuffix(host, accept_unknown=False):
        return ""
    return str(_suffixes().publicsuffix(host))


def assign_folds(
    sites: Sequence[str], n_folds: int, seed: int, strata: Sequence[str] | None = None
) -> NDArray[np.int64]:
    """The fold of each page, int64 of shape (n_pages,): all pages of a site fall into one fold.

    Sites are dealt out from the largest to the smallest, ties in an order that only `seed` and
    the names decide, each to the fold where it least unbalances the number of pages and, if
    `strata` gives a class for each page, the number of pages of each class. The result does not
    depend on the order of the pages.

    Raises ValueError for fewer than two folds, for fewer sites than folds, and for `strata` of
    another length than `sites`.
    """
    if n_folds < 2:
        raise ValueError(f"n_folds must be at least 2, not {n_folds}")
    labels = ["" for _ in sites] if strata is None else list(strata)
    if len(labels) != len(sites):
        raise ValueError(f"{len(labels)} strata for {len(sites)} sites")
    classes = {label: i for i, label in enumerate(sorted(set(labels)))}
    pages: dict[str, Counter[int]] = {}
    for site, label in zip(sites, labels, strict=True):
        pages.setdefault(site, Counter())[classes[label]] += 1
    if len(pages) < n_folds:
        raise ValueError(f"{len(pages)} sites cannot fill {n_folds} folds")

    def order(site: str) -> tuple[int, bytes]:
        return -pages[site].total(), hashlib.sha256(f"{seed}:{site}".encode()).digest()

    # One column per class and a last one for all pages, which weighs as much as all classes.
    totals = np.array([*(labels.count(label) for label in classes), len(labels)], dtype=np.float64)
    weights = np.append(np.ones(len(classes)), len(classes)) / totals**2
    counts = np.zeros((n_folds, len(totals)))
    fold_of: dict[str, int] = {}
    for site in sorted(pages, key=order):
        row = np.zeros(len(totals))
        for column, number in pages[site].items():
            row[column] = number
        row[-1] = pages[site].total()
        # Growth of the sum of squared shares: least where the site's classes are scarce.
        cost = ((2 * counts + row) * row * weights).sum(axis=1)
        fold = int(np.argmin(cost))
        counts[fold] += row
        fold_of[site] = fold
    return np.array([fold_of[site] for site in sites], dtype=np.int64)
