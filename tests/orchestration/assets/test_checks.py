"""Suites of checks as asset checks: each guards an asset, and reads what that asset makes or is made from."""

from collections.abc import Iterable

import pytest

from pipeline.checks.suite import Suite
from pipeline.checks.suites import SUITES
from pipeline.orchestration.definitions import build_assets
from pipeline.tables.catalogue import PUBLISHED_FROM

# What is published and is no table of the catalogue.
HEADLINE = {name: "headline" for name in ("published_headline", "published_versions", "published_moves")}


def assets_read(suite: Suite) -> Iterable[str]:
    """The assets from which the tables of its checks are; what was published last is none of them."""
    for name in suite.reads:
        file = name.removeprefix("published_")
        if name.startswith("published_") and file in PUBLISHED_FROM:
            yield PUBLISHED_FROM[file]
        elif not name.startswith("last_"):
            yield HEADLINE.get(name, name)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_suite_reads_what_its_asset_makes_or_is_made_from(suite: Suite) -> None:
    (definition,) = (
        each for each in build_assets() if suite.asset in {spec.key.to_user_string() for spec in each.specs}
    )
    makes = {spec.key.to_user_string() for spec in definition.specs}
    made_from = {dep.asset_key.to_user_string() for spec in definition.specs for dep in spec.deps}
    assert set(assets_read(suite)) - makes - made_from == set()
