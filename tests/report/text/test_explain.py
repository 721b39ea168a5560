"""The sum behind a contract: what is printed is what is published."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import Valuation
from pipeline.report.text.explain import UnknownNameError, as_json, as_text, explain, explain_metric
from pipeline.report.wording import pounds, quantity
from tests.conftest import EDITIONS

ValuationOf = Callable[[str], Valuation]
# How the text says what each treatment makes of a metric.
AS_TREATED = {
    "valued": "valued as {}",
    "rung": "milestone of {}",
    "process": "a step on the way, without value of its own",
    "overlap": "the same benefit as another metric, calculated but not counted: {}",
    "no_unit_cost": "no unit cost for {}",
}


def strictly_valid(data: dict[str, Any]) -> dict[str, Any]:
    """The data as JSON has them: any word that JSON does not know, and any number told as a text, fails."""

    def no_json(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    read: dict[str, Any] = json.loads(as_json(data), parse_constant=no_json)
    assert read == data
    return read


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_metric_of_every_contract_can_be_explained(
    edition_id: str, facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    """Documented means tried on everything; what is printed is true of the published tables."""
    valuation, bounded = valuation_of(edition_id), 0
    metrics = facts.outcomes.groupby("contract_id")["metric_id"].agg(list)
    for contract_id in sorted(facts.contracts["contract_id"]):
        data = strictly_valid(explain(facts, reference, valuation, contract_id))
        text = as_text(data)
        assert text.startswith(f"{contract_id}  ")
        assert "nan" not in text.lower().split()
        public = sum(line["net_gbp"] for line in data["lines"] if not line["is_transfer"])
        assert public == pytest.approx(data["sums"]["public_value_gbp"] or 0.0, abs=0.005)
        assert [row["metric_id"] for row in data["reported"]] == metrics.get(contract_id, [])
        if data["sums"]["is_in_bcr"]:
            printed = re.findall(r"public value per £1: ([\d.]+)", text)
            assert printed == [f"{public / data['sums']['outcome_payments_real_gbp']:.2f}"]
        for metric_id in metrics.get(contract_id, []):
            explained_truly(explain_metric(data, metric_id), data)
        bounded += bounds_around_units(text, contract_id)
    assert bounded > 20


def bounds_around_units(text: str, contract_id: str) -> int:
    """How many units have bounds beside them, which have to hold them.

    Also where the time convention counts more or less than the counts prove or allow.
    """
    found = re.findall(r"= ([\d,.]+) \w+ \(measured ([\d,.]+), at most ([\d,.]+)\)", text)
    for units, low, high in ([float(number.replace(",", "")) for number in row] for row in found):
        assert low <= units <= high, contract_id
    return len(found)


def explained_truly(own: dict[str, Any], whole: dict[str, Any]) -> None:
    """What is said of a metric is what is said of it in the whole sum, and as much as there is to say."""
    metric_id, text = own["metric_id"], as_text(strictly_valid(own))
    for row in own["reported"]:
        assert f"  {metric_id}  {row['label']}: {quantity(row['quantity'], row['unit'])}\n" in text
        assert AS_TREATED[row["treatment"]].format(row["outcome_id"]) in text
        assert row["reason"] in text
    for rows in ("lines", "overlaps", "units"):
        feeding = [row for row in whole[rows] if metric_id in row["metric_ids"].split("; ")]
        assert [row | {"shared_with": None} for row in own[rows]] == [row | {"shared_with": None} for row in feeding]
        others = {"; ".join([metric_id, *row["shared_with"]]) for row in own[rows]}
        assert {"; ".join(sorted(ids.split("; "))) for ids in others} == {
            "; ".join(sorted(row["metric_ids"].split("; "))) for row in feeding
        }
    assert all(f"= {pounds(line['net_gbp'])} net" in text for line in own["lines"])
    shared = {f"shared with {', '.join(line['shared_with'])}" for line in own["lines"] if line["shared_with"]}
    assert all(words in text for words in shared)
    if not own["lines"]:
        assert re.search(r"\nVALUE\n  none: (the edition counts no report|it would count a benefit|.+: .)", text)
    cited = {row["source_id"] for rows in ("reported", "lines", "payments") for row in own[rows]}
    assert cited <= {source["source_id"] for source in own["sources"]}


def test_a_metric_without_a_value_says_its_treatment_and_why(
    facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    text = as_text(explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0137", "outcomemetric1"))
    assert "\nVALUE\n  none: a step on the way, without value of its own: an assessment, not an outcome\n" in text


def test_a_metric_says_with_which_others_its_amount_is_shared_and_what_was_paid_for_it(
    facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    text = as_text(explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0137", "outcomemetric7"))
    others = "outcomemetric4, outcomemetric5, outcomemetric6, outcomemetric8"
    assert text.count(f"\n      shared with {others}: this is the amount for all of them together\n") == 2
    assert "\nPAYMENTS OF THE WHOLE CONTRACT\n  reported: £2,622,375 in cash" in text
    assert "\nPAYMENTS FOR THIS METRIC\n  public data do not say\n" in text
    paid = facts.payments[facts.payments["metric_id"] != ""].iloc[0]
    text = as_text(explain(facts, reference, valuation_of("open-2026"), paid["contract_id"], str(paid["metric_id"])))
    assert re.search(rf"\nPAYMENTS FOR THIS METRIC\n  {paid['basis']}: £[\d,.]+ in cash", text)


def test_norfolk_s_payment_term_is_put_back_and_studied_deadweight_taken_off(
    facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    data = explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0178")
    (line,) = data["lines"]
    assert line["units"] == pytest.approx(145_852 / 365.25 / (1 - 0.33))
    assert (line["deadweight_layer"], line["deadweight"]) == ("studied", 0.685)
    text = as_text(data)
    assert "145,852 days / 244.7175 days per year" in text
    assert "valued as out_of_care_edge_of_care, evidence medium: days out of care. The contract takes off 33%" in text
    (printed,) = re.findall(r"public value (£[\d,.]+) \(fiscal without", text)
    assert printed == f"£{line['net_gbp']:,.2f}"


def test_norfolk_and_suffolk_count_the_reported_days_where_the_term_is_assumed(valuation_of: ValuationOf) -> None:
    """Put back and taken off by the same 33%, the days are those that the contract reports."""
    lines = valuation_of("atq-2024").valued_outcomes.set_index("contract_id")
    for contract, net_days in (("INDIGO-POJ-0178", 145_852 * 7_085_543 / 8_626_543), ("INDIGO-POJ-0183", 70_601)):
        line = lines.loc[contract]
        assert line["units"] * (1 - line["deadweight"]) * 365.25 == pytest.approx(net_days, rel=0.01)


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_is_a_floor_is_called_one_and_what_is_gross_is_said_to_be(
    edition: str, facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    text = as_text(explain(facts, reference, valuation_of(edition), "INDIGO-POJ-0178"))
    is_floor = reference.editions[edition].unit_value_level == "low"
    assert ("at their low level (each value is a floor in its unit costs)" in text) is is_floor
    (ratios,) = re.findall(r"public value per £1: .*", text)
    assert ("each a floor in its unit costs" in ratios) is is_floor
    assert ("before deadweight" in ratios) is (reference.editions[edition].deadweight_layer == "none")


def test_one_metric_shows_only_what_it_feeds(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    data = explain(facts, reference, valuation_of("atq-2024"), "INDIGO-POJ-0137", "outcomemetric12")
    assert [row["metric_id"] for row in data["reported"]] == ["outcomemetric12"]
    assert {line["outcome_id"] for line in data["lines"]} == {"qualification_level_2"}


def test_a_total_of_several_contracts_is_told_of_each(
    facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    for contract_id, rows in reference.shared_results.groupby("contract_id"):
        others = sorted(set(rows["shared_with"]))
        text = as_text(explain(facts, reference, valuation_of("open-2026"), str(contract_id)))
        assert f"a total with {', '.join(others)}, which no source splits" in text
        for other in others:
            text = as_text(explain(facts, reference, valuation_of("open-2026"), other))
            assert f"published only as part of a total under {contract_id}" in text
            assert "public data show no results" not in text


def test_a_contract_without_results_says_so(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    text = as_text(explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0163"))
    assert "public data show no results" in text
    assert "no ratio: no outcome is valued" in text


@pytest.mark.parametrize(
    ("contract_id", "words"),
    [
        ("INDIGO-POJ-0174", "period_end of payments: 2021-03-31 changed to 2021-09-30: ends before it starts"),
        ("INDIGO-POJ-0164", "amount_gbp of payments: 11800 left out: a price for each person"),
    ],
)
def test_corrections_are_shown(
    facts: RawFacts, reference: Reference, valuation_of: ValuationOf, contract_id: str, words: str
) -> None:
    text = as_text(explain(facts, reference, valuation_of("open-2026"), contract_id))
    assert f"\nCORRECTED\n  {words}" in text


def test_the_docs_show_what_is_printed_today(
    facts: RawFacts, reference: Reference, valuation_of: ValuationOf, project_root: Path
) -> None:
    page = (project_root / "docs/commands.md").read_text(encoding="utf-8")
    text = as_text(explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0178"))
    assert f"$ publicvalue explain INDIGO-POJ-0178\n{text}\n```" in page


def test_what_was_accepted_is_shown(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    text = as_text(explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0135"))
    row = "INDIGO-POJ-0135 results: INDIGO-POJ-0135 #1: 273 (people_within_engaged): as published: 273 first assess"
    assert f"\nUNUSUAL, AND KEPT AS REPORTED\n  {row}" in text
    for metric_id, is_its_own in (("outcomemetric1", True), ("outcomemetric4", False)):
        of_metric = as_text(
            explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0135", metric_id=metric_id)
        )
        assert (row in of_metric) == is_its_own


def test_unknown_names_say_what_there_is(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    with pytest.raises(UnknownNameError, match="no contract 'X'"):
        explain(facts, reference, valuation_of("open-2026"), "X")
    with pytest.raises(UnknownNameError, match="it has: outcomemetric1"):
        explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0178", "m9")


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("indigo-poj-0178", "did you mean INDIGO-POJ-0178 (Stronger Families Norfolk)?"),
        ("stronger families norfolk", "did you mean INDIGO-POJ-0178 (Stronger Families Norfolk)?"),
        ("Norfolk", "INDIGO-POJ-0178 (Stronger Families Norfolk)"),
        ("INDIGO-POJ0178", "INDIGO-POJ-0178 (Stronger Families Norfolk)"),
        ("St Basils", "INDIGO-POJ-0137 (St Basil's)"),
        ("", "ids look like INDIGO-POJ-"),
        ("\n", "no contract '\\\\n' under raw/; ids look like"),
        ("🙂", "no contract '🙂' under raw/; ids look like"),
        ("x" * 10_000, "…' under raw/; ids look like"),
    ],
)
def test_the_contract_that_was_probably_meant_is_named(
    asked: str, meant: str, facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        explain(facts, reference, valuation_of("open-2026"), asked)
    assert meant.replace("\\\\", "\\") in str(caught.value)
    assert len(str(caught.value)) < 600


def test_the_metric_that_was_probably_meant_is_named(
    facts: RawFacts, reference: Reference, valuation_of: ValuationOf
) -> None:
    for asked in ("OutcomeMetric7", "in accommodation for 12 months"):
        with pytest.raises(UnknownNameError, match=r"did you mean outcomemetric7 .in accommodation for 12 months"):
            explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0137", asked)


def test_missing_values_are_none(facts: RawFacts, reference: Reference, valuation_of: ValuationOf) -> None:
    data = explain(facts, reference, valuation_of("open-2026"), "INDIGO-POJ-0130")
    assert data["sums"]["bcr"] is None
    assert not any(isinstance(value, float) and pd.isna(value) for value in data["contract"].values())
