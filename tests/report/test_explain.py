"""The sum behind a contract: what is printed is what is published."""

import json
import re
from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import Valuation
from pipeline.report.explain import UnknownContractError, as_text, explain

ValuationOf = Callable[[str], Valuation]


@pytest.mark.parametrize("edition_id", ["atq-2022", "atq-2024", "open-2025"])
def test_every_contract_can_be_explained(
    edition_id: str, facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    valuation = valuation_of(edition_id)
    # All that report something, and some that do not.
    for contract_id in sorted({*facts.outcomes["contract_id"], "INDIGO-POJ-0163", "INDIGO-POJ-0143"}):
        data = explain(facts, reference, valuation, contract_id)
        assert contract_id in as_text(data)
        public = sum(line["net_gbp"] for line in data["lines"] if not line["is_transfer"])
        assert public == pytest.approx(data["sums"]["public_value_gbp"], abs=0.005)
        assert len(data["reported"]) == (facts.outcomes["contract_id"] == contract_id).sum()
        cited = {line["source_id"] for line in data["lines"]} | {row["source_id"] for row in data["reported"]}
        assert cited <= {source["source_id"] for source in data["sources"]}
        json.dumps(data, default=str)


def test_norfolk_is_days_already_net(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    data = explain(facts, reference, valuation_of("open-2025"), "INDIGO-POJ-0178")
    (line,) = data["lines"]
    assert line["units"] == pytest.approx(145_852 / 365.25)
    assert line["deadweight_layer"] == "already_net"
    assert line["net_gbp"] == line["gross_gbp"]
    text = as_text(data)
    assert "145,852 days / 365.25 days per year" in text
    assert "already net of deadweight" in text
    assert "valued as out_of_care_edge_of_care, grade medium: days, not children" in text
    (printed,) = re.findall(r"public value (£[\d,.]+) \(fiscal without", text)
    assert printed == f"£{line['net_gbp']:,.2f}"


def test_one_metric_shows_only_what_it_feeds(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    data = explain(facts, reference, valuation_of("atq-2024"), "INDIGO-POJ-0137", "outcomemetric12")
    assert [row["metric_id"] for row in data["reported"]] == ["outcomemetric12"]
    assert {line["outcome_id"] for line in data["lines"]} == {"qualification_level_2"}


def test_a_contract_without_results_says_so(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    text = as_text(explain(facts, reference, valuation_of("open-2025"), "INDIGO-POJ-0163"))
    assert "nothing is reported in the public data" in text
    assert "no ratio: no outcome is valued" in text


@pytest.mark.parametrize(
    ("contract_id", "words"),
    [
        ("INDIGO-POJ-0174", "period_end of payments: 2021-03-31 now 2021-09-30: ends before it starts"),
        ("INDIGO-POJ-0164", "amount_gbp of payments: 11800 left out: a price for each person"),
        ("INDIGO-POJ-0135", "quantity of outcomes: 273 confirmed as it stands: as published"),
    ],
)
def test_corrections_are_shown(
    facts: RawFacts, reference: Reference, valuation_of: ValuationOf, contract_id: str, words: str
) -> None:
    text = as_text(explain(facts, reference, valuation_of("open-2025"), contract_id))
    assert f"\nCORRECTED\n  {words}" in text


def test_unknown_names_say_what_there_is(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    with pytest.raises(UnknownContractError, match="no contract 'X'"):
        explain(facts, reference, valuation_of("open-2025"), "X")
    with pytest.raises(UnknownContractError, match="it has: outcomemetric1"):
        explain(facts, reference, valuation_of("open-2025"), "INDIGO-POJ-0178", "m9")


def test_missing_values_are_none(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    data = explain(facts, reference, valuation_of("open-2025"), "INDIGO-POJ-0130")
    assert data["sums"]["bcr"] is None
    assert not any(isinstance(value, float) and pd.isna(value) for value in data["contract"].values())
