from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.domains import assign_folds, leading_domain, registered_domain


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://news.bbc.co.uk/a?b#c", "bbc.co.uk"),
        ("http://user:secret@WWW.Example.COM:8080/", "example.com"),
        ("www.example.com", "example.com"),
        ("//cdn.example.org/x", "example.org"),
        ("example.com.", "example.com"),
        ("https://finance.people.com.cn/n1/", "people.com.cn"),
        # Hosting services are one site: their pages share templates.
        ("https://someone.blogspot.com/2020/", "blogspot.com"),
        ("https://someone.github.io/", "github.io"),
        ("http://192.168.0.1:80/", "192.168.0.1"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
        ("localhost", "localhost"),
        ("co.uk", "co.uk"),
        ("https://bücher.example.de/", "example.de"),
        ("", ""),
        ("http://[broken/", ""),
    ],
)
def test_registered_domain(address: str, domain: str) -> None:
    assert registered_domain(address) == domain


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("zeit.de.rail.html", "zeit.de"),
        ("www.zeit.de.rail-traffic.html", "zeit.de"),
        ("jis.gov.jm-port.html", "jis.gov.jm"),
        ("zeit.de.news.html", "zeit.de"),
        ("shop.example.co.uk-news.live.html", "example.co.uk"),
        ("no_domain_at_all", "no_domain_at_all"),
        ("some-name.com-topic.html", "some-name.com"),
    ],
)
def test_leading_domain(name: str, domain: str) -> None:
    assert leading_domain(name) == domain


def test_folds_keep_sites_whole_and_are_even() -> None:
    sites = [f"s{i % 40}.example" for i in range(200)] + ["big.example"] * 50
    folds = assign_folds(sites, 5, seed=0)
    assert folds.dtype == np.int64
    assert all(
        len({int(f) for f, s in zip(folds, sites, strict=True) if s == x}) == 1 for x in sites
    )
    assert sorted(Counter(folds.tolist()).values()) == [50] * 5


def test_folds_spread_strata() -> None:
    sites = [f"s{i}.example" for i in range(100)]
    strata = ["rare" if i % 10 == 0 else "common" for i in range(100)]
    folds = assign_folds(sites, 5, seed=3, strata=strata)
    per_fold = Counter(zip(folds.tolist(), strata, strict=True))
    assert {per_fold[f, "rare"] for f in range(5)} == {2}
    assert {per_fold[f, "common"] for f in range(5)} == {18}


def test_folds_depend_on_seed_and_sites_alone() -> None:
    sites = [f"s{i % 30}.example" for i in range(90)]
    folds = assign_folds(sites, 3, seed=1)
    assert np.array_equal(folds, assign_folds(sites, 3, seed=1))
    assert np.array_equal(folds[::-1], assign_folds(sites[::-1], 3, seed=1))
    assert not np.array_equal(folds, assign_folds(sites, 3, seed=2))


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1), st.integers(2, 4))
def test_folds_of_any_sites(sites: list[str], n_folds: int) -> None:
    if len(set(sites)) < n_folds:
        with pytest.raises(ValueError, match="cannot fill"):
            assign_folds(sites, n_folds, seed=0)
        return
    folds = assign_folds(sites, n_folds, seed=0)
    assert set(folds.tolist()) == set(range(n_folds))
    assert len({(s, int(f)) for s, f in zip(sites, folds, strict=True)}) == len(set(sites))


def test_folds_refuse_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        assign_folds(["a", "b"], 1, seed=0)
    with pytest.raises(ValueError, match="1 strata for 2 sites"):
        assign_folds(["a", "b"], 2, seed=0, strata=["x"])
