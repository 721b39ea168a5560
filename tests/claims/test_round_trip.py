"""From totals to claims and back: every real contract, its counts as claims of people who do not exist."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipeline.claims.marks import CONTRACT_PREFIX
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.load import load
from pipeline.method.valuation import value_edition
from pipeline.synthetic.claims import in_whole_units
from pipeline.synthetic.project import synthetic_project

pytestmark = pytest.mark.slow
METRIC = ["contract_id", "metric_id"]


@pytest.fixture(scope="module")
def reported(facts: RawFacts) -> RawFacts:
    """The facts as they can be claimed: time in whole units."""
    return replace(facts, outcomes=in_whole_units(facts.outcomes))


@pytest.fixture(scope="module")
def claimed(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RawFacts, Reference]:
    """All real contracts with results, read from synthetic claims."""
    out_dir = tmp_path_factory.mktemp("claims") / "synthetic"
    synthetic_project(project_root / "raw", project_root / "reference", out_dir, 1)
    return load(out_dir / "raw", out_dir / "reference")


def real_ids(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(contract_id=table["contract_id"].str.removeprefix(CONTRACT_PREFIX))


def test_the_totals_of_every_contract_come_back(reported: RawFacts, claimed: tuple[RawFacts, Reference]) -> None:
    last = real_ids(claimed[0].outcomes).sort_values("period_end").groupby(METRIC)["quantity"].last()
    totals = reported.outcomes.sort_values("period_end").groupby(METRIC)["quantity"].last()
    assert totals.index.get_level_values("contract_id").nunique() == reported.outcomes["contract_id"].nunique() >= 52
    pd.testing.assert_series_equal(last.sort_index(), totals.sort_index(), check_exact=True)


def test_every_pound_comes_back(reported: RawFacts, reference: Reference, claimed: tuple[RawFacts, Reference]) -> None:
    """Without a cut-off and without disclosure control, claims are worth what their totals are, line by line."""
    of_claims, with_claims = claimed
    edition = replace(reference.editions["open-2026"], disclosure_threshold=0, disclosure_rounding=1)
    lines = real_ids(value_edition(of_claims, with_claims, edition).valued_outcomes)
    expected = value_edition(reported, reference, edition).valued_outcomes
    columns = ["contract_id", "outcome_id", "unit_cost_id", "units", "gross_gbp", "net_gbp"]
    in_order = columns[:3]
    pd.testing.assert_frame_equal(
        lines[columns].sort_values(in_order, ignore_index=True),
        expected[columns].sort_values(in_order, ignore_index=True),
        rtol=1e-12,
    )
    assert expected["net_gbp"].sum() > 100e6
