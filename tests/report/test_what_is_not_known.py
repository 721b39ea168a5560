"""What is not known is empty, in every table, file and page, and never 0; what is known to be 0 is 0."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.load import load
from pipeline.method.analysis.simulation import Simulation
from pipeline.method.analysis.tables import published_tables
from pipeline.method.steps.sums import PAYMENTS, VALUE
from pipeline.method.valuation import value_edition
from pipeline.report.downloads import csv_text
from pipeline.report.pages.frame import Site
from pipeline.report.publish import arrow_table
from pipeline.report.text.explain import as_json as explained_as_json
from pipeline.report.text.explain import as_text, explain
from pipeline.report.text.headline import as_json, headline
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.report.text.terminal import headline_text
from tests.conftest import EDITIONS
from tests.report.pages.test_every_page import pages_of
from tests.report.pages.test_index import VERSIONS, TablesOf

FEW_DRAWS = Simulation(draws=100)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_a_contract_has_pounds_where_they_are_known_and_nothing_where_not(
    edition_id: str, tables_of: TablesOf, facts: RawFacts, reference: Reference
) -> None:
    tables = tables_of(edition_id)
    found = pd.read_csv(StringIO(csv_text(tables["contract_value"], "contract_value"))).set_index("contract_id")
    payments = tables["payments"]
    counted = payments[
        payments["basis"].isin(reference.editions[edition_id].payment_bases) & (payments["share_counted"] > 0)
    ]
    is_paid = found.index.isin(counted["contract_id"])
    assert 0 < is_paid.sum() < len(found)
    assert (found[PAYMENTS].notna().all(axis=1) == is_paid).all()
    assert (found[PAYMENTS].isna().all(axis=1) == ~is_paid).all()
    assert (found[VALUE].notna().all(axis=1) == found["is_valued"]).all()
    assert (found[VALUE].isna().all(axis=1) == ~found["is_valued"]).all()
    # Nothing social in a contract that is valued is known to be nothing.
    assert (found.loc[found["is_valued"], "social_gbp"] == 0).any()
    arrow = arrow_table(tables["contract_value"], "contract_value", {})
    assert arrow["public_value_gbp"].null_count == (~found["is_valued"]).sum()


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_sum_over_sum_of_the_download_is_the_published_ratio(edition_id: str, tables_of: TablesOf) -> None:
    """Also for somebody who drops what is not known instead of asking what is in the ratio."""
    tables = tables_of(edition_id)
    table = pd.read_csv(StringIO(csv_text(tables["contract_value"], "contract_value")))
    published = tables["market_value"]["bcr"].iloc[0]
    needed = ["public_value_gbp", "outcome_payments_real_gbp"]
    for chosen in (table[table["is_in_bcr"]], table.dropna(subset=needed)):
        sums = chosen[needed].sum()
        assert sums["public_value_gbp"] / sums["outcome_payments_real_gbp"] == pytest.approx(published, abs=1e-6)
    for area, rows in table[table["is_in_bcr"]].groupby("policy_area"):
        of_area = tables["policy_area_value"].set_index("policy_area")["bcr"][area]
        assert rows["public_value_gbp"].sum() / rows["outcome_payments_real_gbp"].sum() == pytest.approx(of_area)


def test_what_nobody_told_has_no_bound(tables_of: TablesOf) -> None:
    bounds = tables_of("open-2026")["bounds"]
    paid = ["outcome_payments_real_gbp", "public_value_with_payments_gbp", "fiscal_with_payments_gbp"]
    assert (bounds[paid].notna().all(axis=1) == (bounds["contracts_with_payments"] > 0)).all()
    value = ["public_value_gbp", "fiscal_gbp"]
    assert (bounds[value].notna().all(axis=1) == (bounds["contracts_with_value"] > 0)).all()
    assert (bounds.loc[bounds["contracts_with_payments"] == 0, paid].isna()).all(axis=None)


# --- Markets of which little is known ---------------------------------------------------------------------------


def without_payments(facts: RawFacts) -> RawFacts:
    return replace(facts, payments=facts.payments.iloc[:0])


def without_results(facts: RawFacts) -> RawFacts:
    return replace(facts, outcomes=facts.outcomes.iloc[:0])


def with_nobody_counted(facts: RawFacts) -> RawFacts:
    return replace(
        facts,
        contracts=facts.contracts.assign(people_engaged=pd.Series(pd.NA, facts.contracts.index, "Int64")),
        payments=facts.payments.iloc[:0],
        outcomes=facts.outcomes.iloc[:0],
        organisations=facts.organisations.iloc[:0],
        places=facts.places.iloc[:0],
    )


LITTLE: dict[str, tuple[Callable[[RawFacts], RawFacts], tuple[str, ...]]] = {
    "payments": (without_payments, tuple(PAYMENTS)),
    "results": (without_results, tuple(VALUE)),
    "anything": (with_nobody_counted, (*PAYMENTS, *VALUE)),
}


@pytest.mark.parametrize("unknown", LITTLE)
def test_of_a_market_nothing_is_said_that_is_not_known(small_project: Path, unknown: str) -> None:
    """Every table, page and text is made, and holds no sum of nothing."""
    spoil, columns = LITTLE[unknown]
    facts, reference = load(small_project / "raw", small_project / "reference")
    facts = spoil(facts)
    edition = next(iter(reference.editions.values()))
    valuation = value_edition(facts, reference, edition)
    tables = published_tables(facts, reference, valuation, FEW_DRAWS)
    for name in ("contract_value", "policy_area_value", "market_value"):
        assert tables[name][list(columns)].isna().all(axis=None), name
        assert "nan" not in csv_text(tables[name], name).lower()
    data = headline(tables, edition)
    read = json.loads(as_json(data))
    assert [read[name] for name in columns] == [None] * len(columns)
    for area in read["by_policy_area"].values():
        assert [area[name] for name in columns] == [None] * len(columns)
    if unknown == "anything":
        coverage = tables["coverage"].set_index("measure")["ours"]
        assert math.isnan(coverage["people_engaged"])
        assert math.isnan(coverage["outcome_payments_gbp"])
        assert coverage["contracts"] == len(facts.contracts)
        market = tables["market_facts"].query("scope == 'market'").set_index("measure")["ours"]
        assert market[["people", "outcome_payments_gbp", "social_investment_gbp"]].isna().all()
    made = {
        "headline.md": as_markdown(tables, edition, data),
        "printed": headline_text(edition.edition, data, Path("reports")),
        **{name: csv_text(table, name) for name, table in tables.items()},
    }
    made |= pages_of(Site(edition, tables, data, reference, VERSIONS))
    for contract_id in facts.contracts["contract_id"]:
        explained = explain(facts, reference, valuation, contract_id)
        made[contract_id] = as_text(explained) + explained_as_json(explained)
    for name, text in made.items():
        assert not re.search(r"[£>\"](nan|None)\b(?!\.)|\b(nan|None)[<\"]", text), name
