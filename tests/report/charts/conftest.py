"""All charts of an edition, each made once; a chart that is not made here fails ``test_every_chart``."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.analysis.gap import parts_of_the_gap
from pipeline.method.valuation import Valuation
from pipeline.report.charts.bridge import bridge_chart
from pipeline.report.charts.choices import spread_of_choices
from pipeline.report.charts.contracts import ratios_of_contracts, value_and_payments_by_contract
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.outcomes import ladder_funnels, quantities_by_period
from pipeline.report.charts.places import places
from pipeline.report.charts.published import coverage, gap, reconciliation
from pipeline.report.charts.readings import map_of_readings, near_readings
from pipeline.report.charts.uncertainty import acceptability_curve, ranges, tornado
from pipeline.report.charts.value import payers_and_beneficiaries, value_by_policy_area
from pipeline.report.charts.waterfall import Bar, waterfall
from pipeline.report.charts.what_if import beside
from pipeline.report.drawing import Spec
from pipeline.report.published_figures import gap_of
from pipeline.report.rows import names_of
from pipeline.report.text.headline import headline
from tests.report.charts.taken_apart import Tables

EDITION = "atq-2024"
PUBLISHED = {"bcr": 8.0, "fiscal_bcr": 2.0}
# Where some readings lie.
CELLS = pd.DataFrame(
    {"bcr_from": [0.8], "bcr_to": [1.6], "fiscal_bcr_from": [0.4], "fiscal_bcr_to": [0.6], "readings": [3]}
)


@pytest.fixture(scope="module")
def tables(tables_of: Callable[[str], Tables]) -> Tables:
    return tables_of(EDITION)


@pytest.fixture(scope="module")
def in_scope(valuation_of: Callable[[str], Valuation]) -> pd.DataFrame:
    return valuation_of(EDITION).outcomes_in_scope


@pytest.fixture(scope="module")
def data(tables: Tables, reference: Reference) -> dict[str, Any]:
    return headline(tables, reference.editions[EDITION])


@pytest.fixture(scope="module")
def make_figures(
    tables: Tables, in_scope: pd.DataFrame, data: dict[str, Any], reference: Reference
) -> Callable[[], dict[str, Figure]]:
    """Make all charts of an edition, by the name of their function."""
    return lambda: figures_of(tables, in_scope, data, reference)


def figures_of(tables: Tables, in_scope: pd.DataFrame, data: dict[str, Any], reference: Reference) -> dict[str, Figure]:
    """Return all charts of an edition, by the name of their function."""
    reported = tables["reported_outcomes"]
    found = gap_of(tables, reference.editions[EDITION], data)
    assert found
    return {
        "value_by_policy_area": value_by_policy_area({"a": tables["policy_area_value"]}),
        "payers_and_beneficiaries": payers_and_beneficiaries(tables["payer_beneficiary"]),
        "value_and_payments_by_contract": value_and_payments_by_contract(
            tables["contract_value"], names_of(tables["contracts"], "contract_id")
        ),
        "ratios_of_contracts": ratios_of_contracts(tables["contract_value"], tables["uncertainty"]),
        "coverage": coverage(tables["coverage"]),
        "gap": gap(parts_of_the_gap(found, data)),
        "reconciliation": reconciliation(tables["reconciliation"]),
        "places": places(tables["places"], tables["contracts"]),
        "ranges": ranges(tables["uncertainty"]),
        "acceptability_curve": acceptability_curve(tables["acceptability"], tables["uncertainty"]),
        "tornado": tornado(tables["sensitivity"]),
        "spread_of_choices": spread_of_choices(tables["scenarios"]),
        "ladder_funnels": ladder_funnels(in_scope),
        "beside": beside(data, data),
        "map_of_readings": map_of_readings(CELLS, PUBLISHED, {"bcr": 1.0, "fiscal_bcr": 0.5}),
        "bridge_chart": bridge_chart(tables["bridge"], "e"),
        "near_readings": near_readings(tables["readings"], {}),
        "waterfall": waterfall("steps", "Steps", "From one to two.", [Bar("one", 1.0), Bar("more", 2.0, 1.0)], str),
        "quantities_by_period": quantities_by_period(reported[reported["contract_id"] == "INDIGO-POJ-0175"]),
    }


@pytest.fixture(scope="module")
def figures(make_figures: Callable[[], dict[str, Figure]]) -> dict[str, Figure]:
    return make_figures()


@pytest.fixture(scope="module")
def specs(figures: dict[str, Figure]) -> dict[str, Spec]:
    """The wide drawings: the narrow ones are of the same rows, as ``test_every_chart`` holds."""
    return {name: figure.wide for name, figure in figures.items()}
