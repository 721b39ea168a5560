"""The headline for machines and for people."""

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.simulation import Simulation
from pipeline.method.analysis.tables import published_tables
from pipeline.method.valuation import value_edition
from pipeline.report.published_figures import gap_of
from pipeline.report.text.headline import as_json, headline, moved
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.report.wording import figure, million, ratio_text, table_cell
from pipeline.tables.vocabulary import RECONCILIATION_STATUSES
from tests.conftest import EDITIONS

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}
KEYS = [
    "edition",
    "price_year",
    "contracts",
    "contracts_valued",
    "contracts_in_bcr",
    "outcome_payments_gbp",
    "outcome_payments_real_gbp",
    "public_value_gbp",
    "gross_public_value_gbp",
    "fiscal_gbp",
    "economic_gbp",
    "social_gbp",
    "transfers_gbp",
    "bcr",
    "fiscal_bcr",
    "by_policy_area",
]


def test_json_has_the_keys_that_others_rely_on(tables_of: TablesOf, reference: Reference) -> None:
    data = json.loads(as_json(headline(tables_of("atq-2024"), reference.editions["atq-2024"])))
    assert set(KEYS) <= set(data)
    assert set(data["by_choice"]["time_convention"]) == {"measured", "annual", "horizon"}
    assert data["by_choice"]["time_convention"]["annual"]["bcr"] == data["bcr"]
    assert data["contracts"] == 100


def test_a_ratio_that_does_not_exist_is_null(tables_of: TablesOf, reference: Reference) -> None:
    tables = dict(tables_of("atq-2024"))
    tables["market_value"] = tables["market_value"].assign(bcr=math.nan)
    assert headline(tables, reference.editions["atq-2024"])["bcr"] is None


def test_what_carries_the_ratio_is_said_with_the_ratio_without_it(tables_of: TablesOf, reference: Reference) -> None:
    tables, edition = tables_of("atq-2024"), reference.editions["atq-2024"]
    data = headline(tables, edition)
    table = tables["concentration"]
    for kind, said in data["concentration"].items():
        rows = table[table["kind"] == kind]
        assert said["top_five_share"] == pytest.approx(rows["share"].head(5).sum(), abs=1e-6)
        assert said["lowest_bcr_without"] == pytest.approx(rows["bcr_without"].min(), abs=1e-6)
        assert said["highest_bcr_without"] == pytest.approx(rows["bcr_without"].max(), abs=1e-6)
    assert list(data["concentration"]) == ["contract", "outcome", "unit_cost"]
    contracts = table[table["kind"] == "contract"].assign(moves=lambda rows: (rows["bcr_without"] - data["bcr"]).abs())
    section = as_markdown(tables, edition, data).split("## How much depends on a few contracts?")[1].split("## ")[0]
    for row in contracts.nlargest(3, "moves").itertuples():
        assert f"| {row.id} |" in section
        assert f"| {ratio_text(row.bcr_without)} | {ratio_text(row.fiscal_bcr_without)} |" in section
    sure = data["uncertainty"]["bcr"]
    assert sure["p90_if_independent"] - sure["p10_if_independent"] < sure["p90"] - sure["p10"]


def test_a_headline_without_a_ratio_leaves_out_what_is_said_of_it(tables_of: TablesOf, reference: Reference) -> None:
    tables = dict(tables_of("atq-2024"))
    for name in ("uncertainty", "acceptability", "sensitivity", "switching_values", "concentration"):
        tables[name] = tables[name].head(0)
    edition = reference.editions["atq-2024"]
    data = headline(tables, edition)
    assert (data["uncertainty"], data["concentration"]) == ({}, {})
    text = as_markdown(tables, edition, data)
    for heading in ("How much depends", "How certain", "break even", "How good is the evidence", "matters most"):
        assert heading not in text


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_markdown_says_all_that_a_reader_needs(edition_id: str, tables_of: TablesOf, reference: Reference) -> None:
    tables, edition = tables_of(edition_id), reference.editions[edition_id]
    data = headline(tables, edition)
    text = as_markdown(tables, edition, data)
    opening = text.split("\n\n")[1]
    assert opening.startswith(f"**For every £1 of outcome payments, public value is £{ratio_text(data['bcr'])}")
    assert f"is £{ratio_text(data['fiscal_bcr'])} for every £1" in opening
    assert f"{data['price_year']} prices" in opening
    for heading in (
        "What would it take to break even?",
        "How much depends on a few contracts?",
        "How does the result change with other assumptions?",
        "How does it compare with the published ratio?",
        "Results by policy area",
        "Which contracts have the most public value?",
        "Which contracts with results or payments are not in the ratio?",
        "How much could be missing?",
        "How much do public data cover?",
        "Which outcomes have no value, and why?",
        "Which benefits did we count only once?",
        "How do published figures compare with ours?",
        "Which unusual figures did we keep?",
    ):
        assert heading in text
    figures = tables["reconciliation"]
    shown = figures[figures["is_like_for_like"]]
    section = text.split("## How do published figures compare with ours?")[1].split("## ")[0]
    assert section.count("\n| ") == len(shown) + 1
    for row in tables["not_valued"].itertuples():
        assert table_cell(row.name) in text
    # A table row that lost or gained a cell would not be shown as a table.
    for block in text.split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        assert len({line.replace("\\|", "").count("|") for line in rows}) <= 1


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_no_ratio_stands_without_its_range(edition_id: str, tables_of: TablesOf, reference: Reference) -> None:
    """Wherever the edition's ratio is stated, in the same paragraph or table its range is, if it has one: P10 and P90.

    Where it has none, none is said.
    """
    tables, edition = tables_of(edition_id), reference.editions[edition_id]
    data = headline(tables, edition)
    text = as_markdown(tables, edition, data)
    # What the ratio would be with a parameter at its end, or without a contract, may be the same number by chance.
    # Nor is that of a part of the value a ratio of the simulations.
    others = (
        "| parameter |",
        "| contract |",
        "| policy area |",
        "| what counts |",
        "| all ",
        "The five largest contracts",
        "We also tried all ",
        "- ",
    )
    blocks = [b for b in text.split("\n\n") if re.search(r"£1\b|[Rr]atio", b) and not b.startswith(others)]
    for measure in ("bcr", "fiscal_bcr"):
        own, sure = ratio_text(data[measure]), data["uncertainty"][measure]
        stating = [block for block in blocks if re.search(rf"(?<![\d.]){re.escape(own)}(?![\d.])", block)]
        assert len(stating) >= 4 + sure["has_range"]
        ends = [ratio_text(sure[end]) for end in ("p10", "p90")]
        for block in stating:
            if sure["has_range"]:
                assert all(end in block for end in ends), block
            else:
                assert not re.search(rf"{ends[0]} (to|and) £?{ends[1]}", block), block
    for row in tables["uncertainty"].query("scope_kind == 'policy_area'").itertuples():
        (said,) = (line for line in text.splitlines() if line.startswith(f"| {row.scope.replace('_', ' ')} |"))
        ends_said = f"{ratio_text(row.p10)} to {ratio_text(row.p90)}" if row.has_range else ""
        assert f"| {ratio_text(row.ratio)} | {ends_said} |" in said
    for name in ("bcr", "fiscal_bcr"):
        for option in (o for options in data["by_choice"].values() for o in options.values()):
            p10, p90 = option[f"{name}_p10"], option[f"{name}_p90"]
            ends_said = f" ({ratio_text(p10)} to {ratio_text(p90)})" if p10 is not None else ""
            assert f"| {ratio_text(option[name])}{ends_said} |" in text


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_it_says_what_its_range_is_one_of_or_why_there_is_none(
    edition_id: str, tables_of: TablesOf, reference: Reference
) -> None:
    tables, edition = tables_of(edition_id), reference.editions[edition_id]
    data = headline(tables, edition)
    text = as_markdown(tables, edition, data)
    is_floor, has_range = edition.unit_value_level == "low", data["uncertainty"]["bcr"]["has_range"]
    assert ("There is no range: " in text) is not has_range
    assert ("The range is of the floor itself. " in text) is (is_floor and has_range)
    assert ("each around its central value." in text) is (has_range and not is_floor)
    assert (f"public value is £{ratio_text(data['bcr'])}, a floor" in text) is is_floor
    lowest = "Every value in this edition is a floor in its unit costs: each is the lowest in the 2015 price list."
    assert (lowest in text) is is_floor
    is_gross = edition.deadweight_layer == "none"
    assert (", before deadweight.**" in text) is is_gross
    assert ("(deadweight); that would lower the ratio" in text) is is_gross
    assert data["bound"] == ("floor" if is_floor else None)
    # What does not rest on a range is said without one too.
    for said in ("What would it take to break even?", "How good is the evidence?"):
        assert said in text
    assert ("chance that it is above" in text) is has_range


def test_a_day_of_review_is_told_so_that_it_is_true_also_when_it_has_passed(
    tables_of: TablesOf, reference: Reference
) -> None:
    """What is published does not know what day it is read on."""
    tables, edition = dict(tables_of("open-2026")), reference.editions["open-2026"]
    tables["evidence_age"] = tables["evidence_age"].assign(review_by="2026-11-01")
    text = as_markdown(tables, edition, headline(tables, edition))
    rows = len(tables["evidence_age"])
    assert f" Review dates: 2026-11-01 for {rows} parameters (100% of public value)." in text
    assert "Next" not in text


def test_an_edition_that_rests_on_an_unverified_table_says_so_first(
    facts: RawFacts, reference: Reference, tables_of: TablesOf
) -> None:
    cautious = replace(reference.editions["open-2026"], edition="cautious", optimism_bias="by_grade")
    tables = published_tables(facts, reference, value_edition(facts, reference, cautious))
    data = headline(tables, cautious)
    assert data["unverified_tables"] == ["optimism_bias"]
    assert as_markdown(tables, cautious, data).index("**Unverified:") < 500
    read = {**tables, "optimism_bias": tables["optimism_bias"].assign(is_verified=True)}
    assert headline(read, cautious)["unverified_tables"] == []
    assert "Unverified" not in as_markdown(read, cautious, headline(read, cautious))
    without = headline(tables_of("open-2026"), reference.editions["open-2026"])
    assert without["unverified_tables"] == []
    # The corrections of a line lower the ratio, whatever else is chosen.
    assert data["bcr"] < without["bcr"]
    assert data["bcr"] == pytest.approx(without["by_choice"]["optimism_bias"]["by_grade"]["bcr"])


def test_an_edition_says_how_its_parameters_are_drawn(facts: RawFacts, reference: Reference) -> None:
    fixed = replace(reference.editions["open-2026"], distribution="fixed")
    tables = published_tables(facts, reference, value_edition(facts, reference, fixed), Simulation(draws=100))
    sure = headline(tables, fixed)["uncertainty"]["bcr"]
    assert sure["p10"] == sure["p90"] == pytest.approx(tables["market_value"]["bcr"].iloc[0], abs=1e-6)
    assert sure["has_range"] is False
    text = as_markdown(tables, fixed, headline(tables, fixed))
    assert "There is no range: this edition keeps every parameter at its central value." in text
    assert "In 8 of 10 simulations" not in text
    assert "80% range: " not in text


def test_each_kind_of_evidence_has_a_column_of_grades(tables_of: TablesOf, reference: Reference) -> None:
    tables, edition = tables_of("open-2026"), reference.editions["open-2026"]
    text = as_markdown(tables, edition, headline(tables, edition))
    heading, _, *rows = text.split("How good is the evidence?")[1].split("\n\n")[2].splitlines()
    kinds = {"unit_cost": "unit costs", "deadweight": "deadweight", "mapping": "mappings"}
    table = tables["evidence_quality"].query("measure == 'bcr'").set_index(["evidence", "grade"])["share"]
    shown = [cell.strip() for cell in heading.strip("|").split("|")]
    assert shown == ["grade", *kinds.values()]
    for row in rows:
        grade, *shares = (cell.strip() for cell in row.strip("|").split("|"))
        assert shares == [f"{table.get((kind, grade), 0.0):.0%}" for kind in kinds]


def test_bounds_are_shown_beside_the_headline_and_not_in_it(tables_of: TablesOf, reference: Reference) -> None:
    tables, edition = dict(tables_of("atq-2024")), reference.editions["atq-2024"]
    data = headline(tables, edition)
    section = as_markdown(tables, edition, data).split("## How much could be missing?")[1].split("## ")[0]
    market = tables["bounds"].query("scope_kind == 'market'").set_index("bound")
    for bound in ("low", "high"):
        assert million(market.loc[bound, "outcome_payments_real_gbp"]) in section
        assert million(market.loc[bound, "public_value_gbp"]) in section
        assert ratio_text(market.loc[bound, "bcr"]) in section
    assert "These figures are not in the ratio at the top." in section
    tables["bounds"] = tables["bounds"].assign(outcome_payments_real_gbp=0.0, public_value_gbp=0.0, bcr=math.nan)
    assert headline(tables, edition) == data


def test_the_gap_adds_up(tables_of: TablesOf, reference: Reference) -> None:
    tables, edition = tables_of("atq-2024"), reference.editions["atq-2024"]
    data = headline(tables, edition)
    gap = gap_of(tables, edition, data)
    assert gap is not None
    rest_payments = gap["payments_gbp"] - data["outcome_payments_in_bcr_gbp"]
    assert gap["rest_ratio"] * rest_payments + data["public_value_in_bcr_gbp"] == pytest.approx(1_860_000_000)


def test_a_share_of_the_published_payments_is_said_only_where_both_count_to_the_same_day(
    tables_of: TablesOf, reference: Reference
) -> None:
    texts = {}
    for edition_id in EDITIONS:
        tables, edition = tables_of(edition_id), reference.editions[edition_id]
        text = as_markdown(tables, edition, headline(tables, edition))
        texts[edition_id] = text.split("## How does it compare with the published ratio?")[1].split("## ")[0]
    for edition_id, text in texts.items():
        is_said = bool(reference.editions[edition_id].published_edition)
        assert ("would have to bring" in text) is is_said
        assert ("both up to the cut-off" in text) is is_said
        assert ("so we give no share" in text) is not is_said


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_headline_counts_the_published_figures_by_status(
    edition_id: str, tables_of: TablesOf, reference: Reference
) -> None:
    tables, edition = tables_of(edition_id), reference.editions[edition_id]
    data = headline(tables, edition)
    held = tables["reconciliation"].query("is_like_for_like")["status"].value_counts()
    assert data["published_figures"] == {status: held.get(status, 0) for status in RECONCILIATION_STATUSES}
    text = as_markdown(tables, edition, data)
    assert f"We compared this edition with {sum(held)} published figures and claims: " in text
    for status, meaning in RECONCILIATION_STATUSES.items():
        assert f"- {status}: {meaning}" in text


def test_what_moved_is_named_with_its_place() -> None:
    before = {"bcr": 1.0, "by_policy_area": {"health": {"bcr": 0.3}, "education": {"bcr": 1.0}}}
    after = {"bcr": 1.0, "by_policy_area": {"health": {"bcr": 0.4}, "education": {"bcr": 1.0}}, "new": 1}
    assert moved(before, after) == ["by_policy_area.health.bcr: 0.3 -> 0.4", "new: new"]
    assert moved(after, after) == []


def test_figures_are_written_as_they_are_read() -> None:
    assert million(121_607_517.8) == "£121.6m"
    assert million(-1_000_000) == "−£1.0m"
    assert million(math.nan) == "–"
    assert ratio_text(-0.27) == "−0.27"
    assert figure(1_860_000_000, "GBP") == "£1,860.0m"
    assert figure(8.57, "ratio") == "8.57"
    assert figure(86, "contracts") == "86"


def test_names_in_the_headline_cannot_carry_html(tables_of: TablesOf, reference: Reference) -> None:
    tables, edition = dict(tables_of("open-2026")), reference.editions["open-2026"]
    data = headline(tables, edition)
    named = {
        "contract_value": ["name"],
        "not_valued": ["name", "reason"],
        "overlaps": ["overlap_reason"],
        "reconciliation": ["scope", "value_qualifier", "reason"],
        "flags": ["metric_id", "flag", "detail"],
    }
    for name, columns in named.items():
        tables[name] = tables[name].assign(**dict.fromkeys(columns, "<script>&lt;"))
    text = as_markdown(tables, replace(edition, title="<script>", reasons="<script>"), data)
    assert "<script" not in text
    for place in ("# ", "Edition `open-2026`. ", "| INDIGO-POJ-0178 | ", "INDIGO-POJ-0130 ", "INDIGO-POJ-0184 "):
        assert f"{place}&lt;script&gt;" in text


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_headline_of_a_study_says_how_far_the_steps_lead(
    edition_id: str, tables_of: TablesOf, reference: Reference
) -> None:
    tables, edition = tables_of(edition_id), reference.editions[edition_id]
    data = headline(tables, edition)
    text = as_markdown(tables, edition, data)
    is_study = bool(edition.published_edition)
    assert bool(data["reading"]) is is_study
    assert ("our reading of somebody else's study" in text) is is_study
    if not is_study:
        return
    terms = tables["reconstruction"].query("scope == 'market' and measure == 'bcr' and not is_plug")
    reading = data["reading"]
    assert reading["bcr"]["begin"] == pytest.approx(data["bcr"], abs=1e-6)
    explained = terms.query("step_id != 'remains'")["after"].iloc[-1]
    assert reading["bcr"]["explained"] == pytest.approx(explained, abs=1e-6)
    published = ratio_text(reading["bcr"]["published"])
    assert f"public value is £{ratio_text(explained)} for every £1, against £{published} published" in text
    every = tables["reading_combinations"]
    without = every[~every["has_plug"]]
    assert reading["without plugs"] == {"combinations": len(without), "near": int(without["is_near"].sum())}
