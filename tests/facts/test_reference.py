"""Reference tables: reading them, holding them against each other, and every row of the project's own."""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import REFERENCE_TABLES, Reference, cross_table_problems, read_reference
from pipeline.facts.typed_csv import read_text_rows, to_table
from pipeline.tables.vocabulary import TREATMENTS

Row = dict[str, Any]
Builder = Callable[..., pd.DataFrame]


# --- Reading ------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(project_root: Path, tmp_path: Path) -> Path:
    """A copy of the project's reference tables, to spoil."""
    return Path(shutil.copytree(project_root / "reference", tmp_path / "reference"))


def problems_of(folder: Path, table: str) -> list[str]:
    """Read one table and return its problems, one line each."""
    model, name = REFERENCE_TABLES[table], f"{table}.csv"
    rows = read_text_rows(folder / name, f"reference/{name}", list(model.to_schema().columns))
    _, problems = to_table(rows, model)
    return [str(problem) for problem in [*rows.problems, *problems]]


def edit(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change the lines of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")


def test_the_project_s_tables_are_sound(folder: Path, facts: RawFacts) -> None:
    reference, problems = read_reference(folder)
    assert problems == []
    assert cross_table_problems(facts, reference) == []


def test_every_missing_table_is_named(folder: Path) -> None:
    for name in REFERENCE_TABLES:
        (folder / f"{name}.csv").unlink()
    shutil.rmtree(folder / "editions")
    _, problems = read_reference(folder)
    assert [str(problem) for problem in problems] == [
        *(f"reference/{name}.csv:0: file: missing" for name in REFERENCE_TABLES),
        "reference/editions:0: file: no edition found (expected at least one *.toml)",
    ]


def test_tables_of_spreadsheets_are_read_alike(folder: Path) -> None:
    before, _ = read_reference(folder)
    for name in REFERENCE_TABLES:
        path = folder / f"{name}.csv"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    after, problems = read_reference(folder)
    assert problems == []
    for name in REFERENCE_TABLES:
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        (
            "unit_costs",
            "x,x,economic,x,5,4,6,year,2020-21,false,weak,s-1,x,",
            "central_gbp: low, central and high are out of order (found '4')",
        ),
        (
            "unit_costs",
            "x,x,economic,x,1,2,3,year,2020-21,true,weak,s-1,x,",
            "is_transfer: only fiscal value can be a transfer (found 'true')",
        ),
        (
            "unit_costs",
            "x,x,economic,x,1,2,3,year,2020/21,false,weak,s-1,x,",
            r"price_year: not of the form required (found '2020/21', expected '^(19|20)\d\d-\d\d$')",
        ),
        ("unit_costs", "x,x,economic,x,1,2,3,year,2020-21,false,weak,,x,", "source_id: missing"),
        ("unit_costs", "x,x,economic,x,1,2,3,year,2020-21,false,weak,s-1,,", "locator: missing"),
        ("unit_costs", "x,x,economic,x,1,2,,year,2020-21,false,weak,s-1,x,", "high_gbp: missing"),
        ("unit_costs", "x,x,economic,x,1,£2,3,year,2020-21,false,weak,s-1,x,", "central_gbp: not a number (found '£2'"),
        ("deadweight", "x,,assumed,0.2,0.1,0.3,x,weak,s-1,x", "central: low, central and high are out of order"),
        ("deadweight", "x,,none,0,0,0,x,weak,s-1,x", "layer: not one of the words allowed (found 'none'"),
        ("deadweight", "x,,assumed,0,20%,1,x,weak,s-1,x", "central: not a number (found '20%'"),
        ("metric_outcomes", "x,x,x,,,,rung,x,s-1", "milestone: a rung needs a milestone and its unit"),
        ("metric_outcomes", "x,x,x,3,,,rung,x,s-1", "milestone: a rung needs a milestone and its unit (found '3')"),
        ("metric_outcomes", "x,x,x,,,,valued,,s-1", "reason: missing"),
        ("metric_outcomes", "x,x,x,,,,ignored,x,s-1", "treatment: not one of the words allowed (found 'ignored'"),
        ("outcome_unit_costs", "x,x,0,,,s-1,x", "units_per_outcome: too small (found '0', expected 0)"),
        ("gdp_deflators", "2031-32,0,true,s-1,x", "gdp_deflator: too small (found '0', expected 0)"),
        ("discount_rates", "standard,126,200,2.5,s-1,x", "discount_rate: too large (found '2.5', expected 1)"),
    ],
)
def test_a_row_that_breaks_a_rule_of_its_table(folder: Path, table: str, row: str, said: str) -> None:
    path = folder / f"{table}.csv"
    edit(path, lambda lines: [*lines, row])
    number = len(path.read_text(encoding="utf-8").splitlines())
    expected = f"reference/{table}.csv:{number}: "
    lines = problems_of(folder, table)
    assert all(line.startswith(expected) for line in lines)
    assert any(line.startswith(expected + said) for line in lines)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("metric_outcomes", "row: the same key twice"),
        ("outcome_unit_costs", "row: the same key twice"),
        ("deadweight", "row: the same key twice"),
        ("outcome_types", "outcome_id: used twice"),
        ("unit_costs", "unit_cost_id: used twice"),
        ("gdp_deflators", "price_year: used twice"),
        ("sources", "source_id: used twice"),
    ],
)
def test_a_row_given_twice_is_said_of_both(folder: Path, table: str, said: str) -> None:
    path = folder / f"{table}.csv"
    edit(path, lambda lines: [*lines, lines[1]])
    last = len(path.read_text(encoding="utf-8").splitlines())
    first, second = problems_of(folder, table)
    assert first.startswith(f"reference/{table}.csv:2: {said}")
    assert second.startswith(f"reference/{table}.csv:{last}: {said}")


# --- Between the tables -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(reference: Reference, make_sources: Builder, made_up_reference: Reference) -> Reference:
    """The made-up tables with a register of the one source that they cite, and no published figures."""
    return replace(
        made_up_reference,
        sources=make_sources({}),
        published_figures=reference.published_figures.iloc[:0],
        discount_rates=reference.discount_rates.assign(source_id="s-1"),
        corrections=reference.corrections.iloc[:0],
    )


@pytest.fixture(scope="module")
def make_sources() -> Builder:
    def build(*rows: Row) -> pd.DataFrame:
        default = {
            "source_id": "s-1",
            "title": "t",
            "publisher": "p",
            "published": "",
            "address": "",
            "licence": "l",
            "attribution": "",
        }
        return pd.DataFrame([default | row for row in rows])

    return build


@pytest.fixture(scope="module")
def few_facts(make_facts: Callable[..., RawFacts]) -> RawFacts:
    return make_facts({("C-1", "started"): 10, ("C-1", "days"): 100, ("C-2", "crimes"): 3})


def said(facts: RawFacts, reference: Reference) -> list[str]:
    return [str(problem) for problem in cross_table_problems(facts, reference)]


def with_row(table: pd.DataFrame, position: int, **change: object) -> pd.DataFrame:
    """Return a table with some cells of one row changed."""
    changed = table.copy()
    for column, value in change.items():
        changed.loc[table.index[position], column] = value
    return changed


def test_sound_tables_have_no_problem(few_facts: RawFacts, small: Reference) -> None:
    assert said(few_facts, small) == []


@pytest.mark.parametrize("table", ["metric_outcomes", "outcome_unit_costs", "deadweight"])
def test_an_outcome_that_does_not_exist(few_facts: RawFacts, small: Reference, table: str) -> None:
    spoilt = replace(small, **{table: with_row(getattr(small, table), 2, outcome_id="unheard_of")})
    expected = (
        f"reference/{table}.csv:4: outcome_id: unknown outcome (found 'unheard_of', expected one of outcome_types.csv)"
    )
    assert expected in said(few_facts, spoilt)


def test_a_unit_cost_that_does_not_exist(few_facts: RawFacts, small: Reference) -> None:
    spoilt = replace(small, outcome_unit_costs=with_row(small.outcome_unit_costs, 0, unit_cost_id="unheard_of"))
    assert said(few_facts, spoilt) == [
        "reference/outcome_unit_costs.csv:2: unit_cost_id: unknown unit cost "
        "(found 'unheard_of', expected one of unit_costs.csv)"
    ]


def test_a_reported_metric_that_nobody_mapped(few_facts: RawFacts, small: Reference) -> None:
    mapping = small.metric_outcomes
    is_days = (mapping["contract_id"] == "C-1") & (mapping["metric_id"] == "days")
    spoilt = replace(small, metric_outcomes=mapping[~is_days].reset_index(drop=True))
    assert said(few_facts, spoilt) == [
        "reference/metric_outcomes.csv:0: metric_id: a reported metric has no row here "
        "(found 'C-1 days', expected its outcome, treatment and reason)"
    ]


def test_a_valued_outcome_without_a_unit_cost(few_facts: RawFacts, small: Reference) -> None:
    costs = small.outcome_unit_costs
    spoilt = replace(small, outcome_unit_costs=costs[costs["outcome_id"] != "crime"].reset_index(drop=True))
    lines = said(few_facts, spoilt)
    assert len(lines) == 3
    assert all("valued, but the outcome has no unit cost (found 'crime'" in line for line in lines)
    unvalued = small.metric_outcomes.assign(
        treatment=small.metric_outcomes["treatment"].where(
            small.metric_outcomes["outcome_id"] != "crime", "no_unit_cost"
        )
    )
    assert said(few_facts, replace(spoilt, metric_outcomes=unvalued)) == []


@pytest.mark.parametrize("change", [{"layer": "studied"}, {"contract_id": "C-1"}])
def test_a_valued_outcome_without_a_general_assumed_deadweight(
    few_facts: RawFacts, small: Reference, change: Row
) -> None:
    position = list(small.deadweight["outcome_id"]).index("crime")
    spoilt = replace(small, deadweight=with_row(small.deadweight, position, **change))
    lines = said(few_facts, spoilt)
    assert len(lines) == 3
    assert all("valued, but the outcome has no assumed deadweight (found 'crime'" in line for line in lines)


@pytest.mark.parametrize(
    "table", ["metric_outcomes", "unit_costs", "outcome_unit_costs", "deadweight", "gdp_deflators"]
)
def test_a_source_of_a_reference_row_that_is_not_registered(few_facts: RawFacts, small: Reference, table: str) -> None:
    spoilt = replace(small, **{table: with_row(getattr(small, table), 1, source_id="hearsay")})
    assert said(few_facts, spoilt) == [
        f"reference/{table}.csv:3: source_id: unknown source (found 'hearsay', expected one of sources.csv)"
    ]


def test_a_source_of_a_contract_that_is_not_registered(few_facts: RawFacts, small: Reference) -> None:
    contracts = with_row(few_facts.contracts, 1, source_id="s-1; hearsay")
    assert said(replace(few_facts, contracts=contracts), small) == [
        "raw/C-2:0: source_id: unknown source (found 'hearsay', expected one of sources.csv)"
    ]


def test_a_price_year_without_a_deflator(few_facts: RawFacts, small: Reference) -> None:
    costs = with_row(small.unit_costs, 1, price_year="1999-00")
    editions = small.editions | {"cut": replace(small.editions["cut"], price_year="2031-32")}
    assert said(few_facts, replace(small, unit_costs=costs, editions=editions)) == [
        "reference/unit_costs.csv:3: price_year: no deflator for this year "
        "(found '1999-00', expected one of gdp_deflators.csv)",
        "reference/editions/cut.toml:1: price_year: no deflator for this year (found '2031-32')",
    ]


@pytest.mark.parametrize(
    ("first", "second"), [((26.0, "week"), (26.0, "week")), ((0.5, "year"), (6.0, "month"))], ids=["weeks", "mixed"]
)
def test_two_rungs_at_the_same_time(
    few_facts: RawFacts, small: Reference, first: tuple[float, str], second: tuple[float, str]
) -> None:
    """Half a year is six months: one ladder cannot have both."""
    mapping = with_row(small.metric_outcomes, 1, milestone=first[0], milestone_unit=first[1])
    mapping = with_row(mapping, 2, milestone=second[0], milestone_unit=second[1])
    lines = said(few_facts, replace(small, metric_outcomes=mapping))
    assert [line.partition(" (")[0] for line in lines] == [
        f"reference/metric_outcomes.csv:{row}: milestone: two rungs at the same milestone" for row in (3, 4)
    ]


@pytest.mark.parametrize(
    ("unit", "milestone_unit"), [("year", "pound"), ("pound", "week"), ("incident", "week"), ("person", "month")]
)
def test_a_milestone_that_does_not_fit_the_unit_of_its_outcome(
    few_facts: RawFacts, small: Reference, unit: str, milestone_unit: str
) -> None:
    spoilt = replace(
        small,
        outcome_types=with_row(small.outcome_types, 1, unit=unit),
        metric_outcomes=with_row(small.metric_outcomes, 3, milestone_unit=milestone_unit),
    )
    expected = (
        "reference/metric_outcomes.csv:5: milestone_unit: does not fit the unit of the outcome "
        f"(found '{milestone_unit} for an outcome in {unit}')"
    )
    assert expected in said(few_facts, spoilt)


def test_deadweight_of_a_contract_whose_count_is_net_already(few_facts: RawFacts, small: Reference) -> None:
    is_days = few_facts.outcomes["metric_id"] == "days"
    net = replace(few_facts, outcomes=few_facts.outcomes.assign(is_net_of_deadweight=is_days))
    assert said(net, small) == []
    position = list(small.deadweight["contract_id"]).index("C-2")
    spoilt = replace(small, deadweight=with_row(small.deadweight, position, contract_id="C-1"))
    assert said(few_facts, spoilt) == []
    assert said(net, spoilt) == [
        f"reference/deadweight.csv:{position + 2}: contract_id: deadweight on a count that is already net of it "
        "(found 'C-1 care')"
    ]


@pytest.mark.parametrize(
    "second_line",
    ["", 'school_readiness,school_readiness,1,,,gmca-ucd-1-4,"the cost is that\nof the outcome not reached"'],
    ids=["after an empty line", "after a line end within quotes"],
)
def test_a_problem_between_tables_has_its_row_in_the_file(folder: Path, facts: RawFacts, second_line: str) -> None:
    def spoil(lines: list[str]) -> list[str]:
        others = [line for line in lines[1:] if not line.startswith("school_readiness,")]
        readiness = [line for line in lines[1:] if line not in others] if not second_line else []
        return [lines[0], second_line, *readiness, *others, "unheard_of,school_readiness,1,,,gmca-ucd-1-4,made up"]

    path = folder / "outcome_unit_costs.csv"
    edit(path, spoil)
    last = len(path.read_text(encoding="utf-8").splitlines())
    reference, problems = read_reference(folder)
    assert problems == []
    assert [(p.path, p.row, p.found) for p in cross_table_problems(facts, reference)] == [
        ("reference/outcome_unit_costs.csv", last, "unheard_of")
    ]


# --- Every row of the project's own tables --------------------------------------------------------------------


def sourced_tables(reference: Reference) -> dict[str, pd.DataFrame]:
    return {name: getattr(reference, name) for name in REFERENCE_TABLES if name not in ("outcome_types", "sources")}


def test_every_source_is_registered(facts: RawFacts, reference: Reference) -> None:
    known = set(reference.sources["source_id"])
    for name, table in sourced_tables(reference).items():
        assert set(table["source_id"]) <= known, name
    for table in vars(facts).values():
        assert {source for cell in table["source_id"] for source in cell.split("; ")} <= known


@pytest.mark.parametrize(
    "name",
    ["unit_costs", "outcome_unit_costs", "deadweight", "gdp_deflators", "discount_rates", "published_figures"],
)
def test_every_value_says_where_it_is_from(reference: Reference, name: str) -> None:
    table = getattr(reference, name)
    for column in ("source_id", "locator"):
        assert (table[column].str.strip() != "").all(), column


def test_every_source_has_a_title_a_publisher_and_a_licence(reference: Reference) -> None:
    for column in ("title", "publisher", "licence"):
        assert (reference.sources[column].str.strip() != "").all()
    needs_attribution = reference.sources["licence"].str.contains("CC BY|Open Government Licence")
    assert (reference.sources.loc[needs_attribution, "attribution"] != "").all()


def test_every_reported_metric_has_a_treatment_and_a_reason(facts: RawFacts, reference: Reference) -> None:
    keys = ["contract_id", "metric_id"]
    reported = set(facts.outcomes[keys].itertuples(index=False, name=None))
    mapping = reference.metric_outcomes
    assert len(reported) == 430
    assert set(mapping[keys].itertuples(index=False, name=None)) == reported
    assert len(mapping) == 430
    assert set(mapping["treatment"]) <= set(TREATMENTS)
    assert (mapping["reason"].str.strip() != "").all()
    assert not mapping["treatment"].isna().any()


def test_every_outcome_type_is_used(reference: Reference) -> None:
    assert set(reference.outcome_types["outcome_id"]) == set(reference.metric_outcomes["outcome_id"])


def test_every_unit_cost_and_every_deadweight_rate_is_of_use(reference: Reference) -> None:
    assert set(reference.unit_costs["unit_cost_id"]) == set(reference.outcome_unit_costs["unit_cost_id"])
    assert set(reference.deadweight["outcome_id"]) <= set(reference.metric_outcomes["outcome_id"])


def test_a_ladder_has_one_unit(reference: Reference) -> None:
    types = reference.outcome_types[reference.outcome_types["ladder"] != ""]
    assert (types.groupby("ladder")["unit"].nunique() == 1).all()


def test_an_overlap_group_is_of_one_kind_of_money(reference: Reference) -> None:
    """Lines of a group save the same money, so none of them is a transfer while another is not."""
    lines = reference.outcome_unit_costs.merge(reference.unit_costs, on="unit_cost_id")
    lines = lines[lines["overlap_group"].isin(["benefits", "earnings"])]
    assert (lines.groupby("overlap_group")["is_transfer"].nunique() == 1).all()


def test_benefits_and_taxes_are_transfers(reference: Reference) -> None:
    costs = reference.unit_costs.set_index("unit_cost_id")
    is_transfer = costs.index.str.contains("_benefits|_taxes")
    assert is_transfer.any()
    assert (costs["is_transfer"] == is_transfer).all()


def test_nothing_is_a_transfer_in_another_year_or_unit_than_per_year(reference: Reference) -> None:
    assert (reference.unit_costs.loc[reference.unit_costs["is_transfer"], "unit"] == "year").all()


# Codes of the GMCA database in a locator, with the column of values where one is named: "E&E1.0.1", "CR8.0 social".
GMCA_CODE = re.compile(r"\b(E&E|E&S|[A-Z]{2})(\d+(?:\.\d+)*)\b(?: (fiscal|economic|social)\b)?")


def gmca_cells(reference: Reference, level: str = "") -> dict[str, set[tuple[str, str]]]:
    """Cells (code, kind) of the database on which each unit cost rests; without a kind named, that of the unit cost.

    With level ``central``, without the codes that a locator gives for the low or the high value only.
    """
    cells: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for cost in reference.unit_costs[reference.unit_costs["source_id"] == "gmca-ucd-1-4"].itertuples():
        assert GMCA_CODE.search(cost.locator), f"{cost.unit_cost_id}: no code in {cost.locator!r}"
        for part in cost.locator.split("; "):
            if level and part.startswith(("low ", "high ")):
                continue
            # "E&S5.0, E&S7.0 economic": a kind named last holds for the codes before it as well.
            last = cost.kind
            for letters, number, kind in reversed(GMCA_CODE.findall(part)):
                last = kind or last
                cells[cost.unit_cost_id].add((f"{letters}{number}", last))
    return cells


def test_a_parent_code_of_the_unit_cost_database_is_never_used_with_its_children(reference: Reference) -> None:
    cells = gmca_cells(reference)
    clashes = [
        (parent, child)
        for parent, parent_cells in cells.items()
        for child, child_cells in cells.items()
        if parent != child
        for code, kind in parent_cells
        if any(other.startswith(f"{code}.") and other_kind == kind for other, other_kind in child_cells)
    ]
    assert clashes == []


def test_no_cell_of_the_unit_cost_database_is_counted_twice_for_one_outcome(reference: Reference) -> None:
    cells = gmca_cells(reference, level="central")
    for outcome, lines in reference.outcome_unit_costs.groupby("outcome_id"):
        used = [cell for cost in lines["unit_cost_id"] for cell in cells[cost]]
        assert len(used) == len(set(used)), outcome


def test_the_fiscal_value_of_a_jobseeker_is_used_in_its_parts(reference: Reference) -> None:
    """E&E1.0 = E&E1.0.1 + E&E1.0.2: £9,800 = £9,234 of benefits and £566 of the NHS."""
    cells = gmca_cells(reference)
    everything = set().union(*cells.values())
    assert ("E&E1.0", "fiscal") not in everything
    assert {("E&E1.0.1", "fiscal"), ("E&E1.0.2", "fiscal"), ("E&E1.0", "economic")} <= everything
    costs = reference.unit_costs.set_index("unit_cost_id")["central_gbp"]
    assert costs["employment_benefits"] + costs["employment_nhs"] == 9_800


def test_every_derivation_of_a_difference_of_prices_uses_the_project_s_deflators(reference: Reference) -> None:
    """A cost restated in a derivation, "a × later / earlier", names deflators that stand in the table."""
    deflators = {f"{index:g}" for index in reference.gdp_deflators["gdp_deflator"]}
    deflators |= {f"{index}" for index in reference.gdp_deflators["gdp_deflator"]}
    restated = re.compile(r"× (\d+\.\d+) / (\d+\.\d+)")
    found = [pair for text in reference.unit_costs["derivation"] for pair in restated.findall(text)]
    assert found
    for later, earlier in found:
        assert {later, earlier} <= deflators


def test_every_edition_has_the_prices_it_asks_for(reference: Reference) -> None:
    years = set(reference.gdp_deflators["price_year"])
    assert {edition.price_year for edition in reference.editions.values()} <= years
    assert set(reference.unit_costs["price_year"]) <= years


def test_price_years_follow_each_other(reference: Reference) -> None:
    firsts = [int(year[:4]) for year in reference.gdp_deflators["price_year"]]
    assert firsts == list(range(firsts[0], firsts[0] + len(firsts)))
    assert all(int(year[5:]) == (int(year[:4]) + 1) % 100 for year in reference.gdp_deflators["price_year"])
    base = reference.gdp_deflators.set_index("price_year")["gdp_deflator"]
    assert base["2024-25"] == 100
