"""The lineage of columns is complete, names only what there is, and is what the steps do.

What the steps do is tried: a column of a table that a step reads is changed, or a choice of the edition; whatever
changes in the step's own tables must have named it. Ids are not changed, nor other columns by which rows are joined or
kept apart: the lineage does not tell them of every column.

Of whole tables the same is tried: a step or an analysis is handed the tables that its parameters name and no others, so
that no other can change it; each that it names must be able to.
"""

import inspect
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from functools import cache
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from pandas.api.types import is_numeric_dtype

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.bridge.results import choices, result_of_valuation
from pipeline.method.analysis.draws import Draws
from pipeline.method.analysis.simulation import Simulation
from pipeline.method.analysis.tables import ANALYSES
from pipeline.method.valuation import STEPS, Step, valued_tables
from pipeline.orchestration.assets.inputs import EDITIONS
from pipeline.orchestration.assets.publication import publication_asset
from pipeline.orchestration.assets.specs import checked, column_lineage
from pipeline.orchestration.assets.valuation import step_assets
from pipeline.tables.catalogue import ENTRIES, FACT_TABLES, REFERENCE_TABLES
from pipeline.tables.lineage import LINEAGE
from pipeline.tables.raw import Restatements
from pipeline.tables.vocabulary import (
    ANNUAL_RUNGS,
    DEADWEIGHT_LAYERS,
    DISCOUNTINGS,
    DISTRIBUTIONS,
    OPTIMISM_BIASES,
    PAYMENT_BASES,
    SET_ASIDES,
    TIME_CONVENTIONS,
    TRANSFERS,
    UNIT_VALUE_LEVELS,
    VALUE_SETS,
)

Row = dict[str, Any]
# Rows by what tells them apart.
Rows = dict[tuple[Any, ...], Row]
Tables = Mapping[str, pd.DataFrame]
Builder = Callable[..., pd.DataFrame]
# What was changed, and all that a step then reads.
Trial = tuple[frozenset[str], Tables, Edition]
# By asset: each column that was seen to change, with what had been changed.
Seen = dict[str, set[tuple[str, frozenset[str]]]]

# What a later step needs and is not published; the model has only what is.
STORED_BESIDE_MODEL = {"valued_outcomes": {"people"}}
NEVER_CHANGED = {
    *("contract_id", "metric_id", "outcome_id", "unit_cost_id", "figure_id", "row"),
    *("gdp_deflators.price_year", "hours_weights.hours_weight_id", "contract_value.policy_area", "editions.edition"),
}
LINE = ("contract_id", "outcome_id", "unit_cost_id")
# By what the rows of a table are found again; in the made-up market these tell them apart.
ROWS = {
    "outcomes_in_scope": ("row",),
    "payments_in_scope": ("row",),
    "outcome_units": ("contract_id", "outcome_id"),
    "unit_values": ("outcome_id", "unit_cost_id"),
    **dict.fromkeys(("gross_value", "net_value", "overlaps", "valued_outcomes"), LINE),
    "contract_value": ("contract_id",),
    "policy_area_value": ("policy_area",),
    "market_value": ("scope",),
}
TRIED = tuple(asset for step in STEPS for asset in step.makes)
# Which columns tell why a row is there.
IDS = ROWS | {"outcomes_in_scope": ("contract_id", "metric_id"), "payments_in_scope": ("contract_id",)}


CONTRACTS = ("C-1", "C-2", "C-3")
HALF = {"period_end": pd.Timestamp("2018-09-30")}
# Earlier reports of a metric, and one of another source that is otherwise alike.
MORE_RESULTS: tuple[Row, ...] = (
    {"contract_id": "C-1", "metric_id": "days", "unit": "day", "quantity": 90.0, "result_type": "interim", **HALF},
    {"contract_id": "C-1", "metric_id": "crimes", "unit": "incident", "quantity": 9.0, "result_type": "interim"},
    {"contract_id": "C-2", "metric_id": "days", "unit": "day", "quantity": 80.0, "source_id": "s-2"},
)
# What the newer price list has in place of the older: all else about a unit cost, and about how it values an outcome.
NEWER: Row = {"value_set": "2026", "agency": "NHS", "data_year": "2017-18", "grade": "weak", "locator": "newer"}
NEWER_COSTS: tuple[Row, ...] = (
    {
        **NEWER,
        **{"unit_cost_id": "care_cost", "name": "newer", "kind": "economic", "source_id": "s-2", "unit": "day"},
        **{"low_gbp": 15.0, "central_gbp": 170.0, "high_gbp": 180.0, "price_year": "2017-18"},
    },
    {**NEWER, "unit_cost_id": "harm", "kind": "fiscal", "is_transfer": True, "unit": "incident"},
)
NEWER_LINE: Row = {
    **{"value_set": "2026", "outcome_id": "care", "unit_cost_id": "care_cost"},
    **{"units_per_outcome": 2.0, "horizon_years": 3.0, "overlap_group": "newer"},
}
EVALUATED: Row = {"contract_id": "C-3", "amount_gbp": 5_000.0, "basis": "evaluation"}
TREATED: Mapping[tuple[str, str], Row] = {
    ("C-3", "trained"): {"treatment": "overlap"},
    ("C-2", "crimes"): {"treatment": "no_unit_cost"},
    ("C-3", "crimes"): {"treatment": "no_unit_cost"},
    ("C-1", "qualified"): {"quantity_per_unit": 2.0},
}
OTHER_CHOICES: Mapping[str, tuple[object, ...]] = {
    "edition": ("other",),
    "title": ("other",),
    "reasons": ("other",),
    "price_year": ("2010-11", "2018-19"),
    "deadweight_layer": tuple(DEADWEIGHT_LAYERS),
    "value_set": tuple(VALUE_SETS),
    "unit_value_level": UNIT_VALUE_LEVELS,
    "time_convention": tuple(TIME_CONVENTIONS),
    "annual_rung": ANNUAL_RUNGS,
    "horizon_years": (2.0, 12.5),
    "payment_bases": (("paid",), tuple(PAYMENT_BASES)),
    "published_edition": ("", "2022", "2024"),
    "superseded_by": ("other",),
    "discounting": tuple(DISCOUNTINGS),
    "optimism_bias": tuple(OPTIMISM_BIASES),
    "distribution": tuple(DISTRIBUTIONS),
    "disclosure_threshold": (0, 30),
    "disclosure_rounding": (1, 50),
    "cut_off": (None, date(2018, 3, 31), date(2018, 10, 31)),
    "transfers": tuple(TRANSFERS),
    "set_asides": tuple(SET_ASIDES),
    "flat_deadweight": (None, 0.5),
    "added_values": ((), ("more",), ("more:low",)),
}
# What a reading of another study adds: in pounds to each event, and in WELLBYs to each person.
ADDED: Row = {
    **{"reading_value_id": "harm_avoided", "added_value": "more", "name": "made up", "outcome_id": "crime"},
    **{"contract_id": "", "metric_id": "", "counts_by": "unit", "is_instead": False, "kind": "fiscal", "agency": "NHS"},
    **{"is_transfer": False, "valued_in": "pound", "low_gbp": 10.0, "central_gbp": 20.0, "high_gbp": 30.0},
    **{"price_year": "2018-19", "low_units": 1.0, "central_units": 2.0, "high_units": 3.0, "deadweight": 0.3},
    **{"grade": "weak", "source_id": "s-1", "locator": "1", "reason": "made up"},
}
ADDED_WELLBYS: Row = {
    **ADDED,
    **{"reading_value_id": "wellbeing", "outcome_id": "care", "counts_by": "person", "is_instead": True},
    **{"valued_in": "wellby", "low_gbp": float("nan"), "central_gbp": float("nan"), "high_gbp": float("nan")},
    **{"price_year": "", "kind": "social", "deadweight": float("nan")},
}
WELLBY: Row = {
    **{"scale_id": "life_satisfaction", "name": "life satisfaction", "lowest_score": 0.0, "highest_score": 10.0},
    **{"low_points": 1.0, "central_points": 1.0, "high_points": 1.0, "price_year": "2019-20", "grade": "weak"},
    **{"low_gbp": 10.0, "central_gbp": 13.0, "high_gbp": 16.0, "source_id": "s-1", "locator": "1"},
    **{"range_basis": "fixed", "range_reason": "made up"},
    **dict.fromkeys(("checked_on", "review_by"), pd.Timestamp("2026-01-01")),
}
FEW_WORDS = 4
Given = Mapping[str, object]
# A figure of somebody else that confirms a unit cost whose data are old.
CHECK: Row = {
    **{"value_set": "2015", "unit_cost_id": "wage", "check_gbp": 9_000.0, "price_year": "2018-19"},
    **{"data_year": "2019-20", "is_official": True, "is_first_hand": True},
}
CORRECTED_PRICE: Row = {
    **{"table": "prices", "contract_id": "C-1", "locator": "made up", "column": "price_gbp", "reported": "300"},
    **{"used": "100", "reason": "made up", "source_id": "s-1"},
}
FEW_DRAWS = Draws(Simulation(draws=100))
# A step of which no column names one of them works alike under every edition.
CONVENTIONS = {
    f"editions.{c}" for c in ("cut_off", "time_convention", "value_set", "unit_value_level", "deadweight_layer")
}


# --- Complete, and only what there is -------------------------------------------------------------------------


@cache
def words_of(asset: str) -> dict[str, tuple[str, ...]]:
    """Columns of an asset, each with the words that it may use; none where any text will do, or no text."""
    if asset == EDITIONS:
        return {field.name: () for field in fields(Edition)}
    found: dict[str, tuple[str, ...]] = dict.fromkeys(STORED_BESIDE_MODEL.get(asset, ()), ())
    for name, column in ENTRIES[asset].model.to_schema().columns.items():
        allowed = [check.statistics["allowed_values"] for check in column.checks if check.name == "isin"]
        found[name] = tuple(allowed[0]) if allowed else ()
    return found


@pytest.mark.parametrize("asset", LINEAGE)
def test_each_column_comes_from_columns_that_the_step_reads(asset: str) -> None:
    made = [*step_assets(), publication_asset()]
    (spec,) = (spec for assets in made for spec in assets.specs if spec.key == dg.AssetKey(asset))
    declared = {dep.asset_key for dep in spec.deps}
    lineage = column_lineage(asset)
    assert lineage is not None
    assert set(lineage.deps_by_column) == set(words_of(asset))
    for column, deps in lineage.deps_by_column.items():
        assert deps, column
        assert len(set(deps)) == len(deps), column
        for dep in deps:
            assert dep.asset_key in declared, (column, dep)
            assert dep.column_name in words_of(dep.asset_key.to_user_string()), (column, dep)


def test_every_table_from_scope_to_market_tells_its_lineage() -> None:
    assert {asset for step in STEPS for asset in step.makes} <= set(LINEAGE)
    assert column_lineage("headline") is None


# --- A market in which every rule of the method has something to do -------------------------------------------


@pytest.fixture(scope="module")
def read(
    made_up_reference: Reference,
    make_facts: Callable[..., RawFacts],
    make_outcomes: Builder,
    make_payments: Builder,
    make_claim_counts: Builder,
    make_unit_costs: Builder,
    make_outcome_unit_costs: Builder,
) -> dict[str, pd.DataFrame]:
    """Facts and reference tables by asset: the made-up market, with reports, treatments and payments of all kinds.

    The results of the last contract are reduced from claims, those of one metric too few to be shown.
    """
    mapping = made_up_reference.metric_outcomes
    metrics = list(mapping["metric_id"].unique())
    facts = make_facts({(c, m): 500 - 60 * k + n for n, c in enumerate(CONTRACTS) for k, m in enumerate(metrics)})
    results = make_outcomes(*facts.outcomes.to_dict("records"), *MORE_RESULTS)
    # One contract has reported before the cut-off, so that not everything is estimated.
    results["period_end"] = results["period_end"].mask(results["contract_id"] == "C-3", pd.Timestamp("2018-12-31"))
    tables = {name: getattr(facts, name) for name in FACT_TABLES}
    tables |= {name: getattr(made_up_reference, name) for name in REFERENCE_TABLES}
    tables["outcomes"] = with_cells(results, {("C-2", "qualified"): {"is_net_of_deadweight": True}})
    tables["payments"] = make_payments(*facts.payments.to_dict("records"), EVALUATED)
    tables["metric_outcomes"] = with_cells(mapping, TREATED)
    tables["paid_per_unit"] = pd.DataFrame(
        [{"contract_id": "C-1", "metric_id": "days", "reason": "made up", "source_id": "s-1", "locator": "1"}]
    )
    tables["reading_values"] = pd.DataFrame([ADDED, ADDED_WELLBYS])
    tables["wellbeing_scales"] = pd.DataFrame([WELLBY])
    tables["claim_counts"] = make_claim_counts(
        *(
            {"contract_id": CONTRACTS[-1], "metric_id": metric, "financial_year": year, "unit": unit}
            | dict.fromkeys(("quantity", "people"), 2 if metric == "qualified" else 200 - 20 * k + n)
            for k, (metric, unit) in enumerate(
                facts.outcomes.drop_duplicates("metric_id")[["metric_id", "unit"]].values
            )
            for n, year in enumerate(("2017-18", "2018-19", "2019-20"))
        )
    )
    tables["unit_costs"] = make_unit_costs(*tables["unit_costs"].to_dict("records"), *NEWER_COSTS)
    tables["outcome_unit_costs"] = make_outcome_unit_costs(*tables["outcome_unit_costs"].to_dict("records"), NEWER_LINE)
    types = tables["outcome_types"]
    tables["outcome_types"] = types.assign(unit=types["unit"].mask(types["outcome_id"] == "care", "week"))
    for asset in ("outcomes", "payments"):
        tables[asset] = tables[asset].assign(row=range(2, 2 + len(tables[asset])))
    return tables


def with_cells(table: pd.DataFrame, cells: Mapping[tuple[str, str], Row]) -> pd.DataFrame:
    """A table with other values in the rows of some metrics, by contract and metric."""
    table = table.copy()
    for (contract, metric), row in cells.items():
        for column, value in row.items():
            table.loc[(table["contract_id"] == contract) & (table["metric_id"] == metric), column] = value
    return table


@pytest.fixture(scope="module")
def editions(make_edition: Callable[..., Edition]) -> list[Edition]:
    """Editions that together take every convention, layer and rung."""
    return [
        make_edition(
            cut_off=date(2018, 12, 31),
            time_convention="annual",
            annual_rung="entry",
            deadweight_layer="studied",
            published_edition="2022",
            optimism_bias="by_grade",
        ),
        make_edition(time_convention="horizon", unit_value_level="low", deadweight_layer="assumed"),
    ]


# --- Changing something ---------------------------------------------------------------------------------------


def is_never_changed(origin: str) -> bool:
    return bool(NEVER_CHANGED & {origin, origin.split(".")[1]})


def named_by(step: Step) -> dict[str, set[str]]:
    """By origin that the step reads: which columns of the step's tables name it."""
    read = [f"{asset}.{column}" for asset in (*step.reads, EDITIONS) for column in words_of(asset)]
    changed = [origin for origin in read if not is_never_changed(origin)]
    told = [(column, origins) for asset in step.makes for column, origins in LINEAGE[asset].items()]
    return {origin: {column for column, origins in told if origin in origins} for origin in changed}


def trials(step: Step, tables: Tables, edition: Edition) -> Iterator[Trial]:
    """Whatever the step reads, changed: what nothing is worked out from in groups, all else one at a time.

    Two origins are never in the same groups only, so that a column that is carried is told from its neighbours.
    """
    named = named_by(step)
    together = [origin for origin, columns in named.items() if columns <= {origin.split(".")[1]}]
    for bit in range(len(together).bit_length()):
        for side in (0, 1):
            group = [origin for n, origin in enumerate(together) if n >> bit & 1 == side]
            yield with_changes(
                {origin: next(other_values(origin, tables, edition)) for origin in group}, tables, edition
            )
    for origin in named.keys() - together:
        for other in other_values(origin, tables, edition):
            yield with_changes({origin: other}, tables, edition)


def with_changes(changes: Mapping[str, Any], tables: Tables, edition: Edition) -> Trial:
    tables = dict(tables)
    for origin, values in changes.items():
        asset, column = origin.split(".")
        if asset == EDITIONS:
            edition = replace(edition, **{column: values})
        else:
            tables[asset] = tables[asset].assign(**{column: values})
    return frozenset(changes), tables, edition


def other_values(origin: str, tables: Tables, edition: Edition) -> Iterator[Any]:
    """Other options for a choice of the edition, or other columns for one of a table."""
    asset, column = origin.split(".")
    if asset == EDITIONS:
        return (option for option in OTHER_CHOICES[column] if option != getattr(edition, column))
    return variants(tables[asset][column], words_of(asset)[column])


def variants(values: pd.Series, words: Sequence[str]) -> Iterator[pd.Series]:
    """Other values for a column, in all rows and in some."""
    if values.dtype == bool:
        yield ~values
    elif pd.api.types.is_datetime64_any_dtype(values):
        yield from (values + pd.Timedelta(days=days) for days in (400, -400))
    elif is_numeric_dtype(values):
        yield from other_numbers(values.astype("float64"))
    else:
        yield from other_words(values, words)


def other_numbers(numbers: pd.Series) -> Iterator[pd.Series]:
    """Smaller numbers in every other row, none at all, one in place of none, and the same in another order."""
    yield numbers.mask(numbers.notna().cumsum() % 2 == 1, numbers * 0.4)
    yield numbers * 0.0
    if numbers.isna().any():
        yield numbers.fillna(2.0)
    known = numbers.dropna()
    yield pd.Series(known.to_numpy()[::-1], index=known.index).reindex(numbers.index)


def other_words(texts: pd.Series, words: Sequence[str]) -> Iterator[pd.Series]:
    """Each word turned into the next, all at once and one at a time; another text where any will do."""
    found = sorted(set(texts))
    if not found:
        return
    if not words:
        yield texts + " otherwise"
    if words or len(found) <= FEW_WORDS:
        known = found if len(found) > 1 else list(words) or found
        following = dict(zip(known, [*known[1:], known[0]], strict=True))
        yield texts.map(following)
        even = pd.Series([n % 2 == 0 for n in range(len(texts))], index=texts.index)
        for word in found:
            yield texts.mask(texts == word, following[word])
            yield texts.mask((texts == word) & even, following[word])


def different(asset: str, rows: Rows, others: Rows) -> set[str]:
    """Columns that differ in rows of both tables; the ids where not the same rows are in both."""
    found = {c for key in rows.keys() & others.keys() for c in words_of(asset) if rows[key][c] != others[key][c]}
    return found | (set(IDS[asset]) if rows.keys() != others.keys() else set())


def rows_by_key(asset: str, table: pd.DataFrame) -> Rows:
    """Rows of a table, missing values alike, by what tells them apart; without those that it does not tell apart."""
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    names = list(table.columns)
    cells = [
        [None if n else v for v, n in zip(table[c].tolist(), table[c].isna().tolist(), strict=True)] for c in names
    ]
    for values in zip(*cells, strict=True):
        row = dict(zip(names, values, strict=True))
        found[tuple(row[name] for name in ROWS[asset])].append(row)
    return {key: rows[0] for key, rows in found.items() if len(rows) == 1}


@pytest.fixture(scope="module")
def seen(read: Tables, editions: list[Edition]) -> Seen:
    """What was seen to change with what, step by step under each edition."""
    found: Seen = {asset: set() for asset in TRIED}
    for edition in editions:
        tables = dict(read)
        for step in STEPS:
            made = step.run(tables, edition=edition)
            before = {asset: rows_by_key(asset, table) for asset, table in made.items()}
            tables |= {asset: checked({"": table}, asset)[""] for asset, table in made.items()}
            if edition is not editions[0] and not any(named_by(step)[choice] for choice in CONVENTIONS):
                continue
            for origins, changed, other in trials(step, tables, edition):
                try:
                    after = step.run(changed, edition=other)
                except (ValueError, LookupError, ArithmeticError):
                    # Refused: such data never reach the table.
                    continue
                for asset in step.makes:
                    rows = rows_by_key(asset, after[asset])
                    found[asset] |= {(c, origins) for c in different(asset, before[asset], rows)}
    return found


# --- The law --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asset", TRIED)
def test_what_changes_has_named_from_where(asset: str, seen: Seen) -> None:
    unnamed = {(column, *sorted(origins)) for column, origins in seen[asset] if not origins & {*LINEAGE[asset][column]}}
    assert unnamed == set()


@pytest.mark.parametrize("asset", TRIED)
def test_the_law_has_been_tried_on_every_column(asset: str, seen: Seen) -> None:
    """All but ids, and columns that come from ids."""
    can_change = {c for c, origins in LINEAGE[asset].items() if not any(is_never_changed(o) for o in origins)}
    assert can_change <= {column for column, _ in seen[asset]}


# --- Whole tables ---------------------------------------------------------------------------------------------


def restated_of(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Results that were said to be one less before."""
    said = outcomes["quantity"].map("{:g}".format), (outcomes["quantity"] - 1).clip(lower=0).map("{:g}".format)
    told = outcomes.assign(table="outcomes", column="quantity", value_after=said[0], value_before=said[1])
    told = told.assign(source_id_before="earlier", row=2)[list(Restatements.to_schema().columns)]
    return told[told["value_after"] != told["value_before"]]


@pytest.fixture(scope="module")
def market(
    read: Tables,
    editions: list[Edition],
    make_payments: Builder,
    make_prices: Builder,
    make_planned_payments: Builder,
    make_claim_overlaps: Builder,
    reference: Reference,
) -> list[Trial]:
    """All that is read, and all that the steps make of it, under each edition.

    With a commitment and a total whose period is not known, people whom claims count twice or after a gap, a plan,
    prices, of which one is corrected, and published figures.
    """
    counts, payments, last = read["claim_counts"], read["payments"], CONTRACTS[-1]
    figures = reference.published_figures
    is_last_rung, is_first = counts["metric_id"] == "trained", payments["contract_id"] == CONTRACTS[0]
    pair = {"contract_id": last, "metric_id": "started", "other_metric_id": "trained"}
    alone = [{**pair, "metric_id": m, "other_metric_id": m, "people": 90} for m in ("started", "trained")]
    paid = payments.assign(period_end=payments["period_end"].mask(is_first, pd.Timestamp("2018-12-31")))
    without_period = {"period_start": pd.NaT, "period_end": pd.NaT, "basis": "commitment", "locator": "the most"}
    market = {
        **read,
        "claim_counts": counts.assign(quantity_after_gap=counts["quantity"].where(is_last_rung, 0) / 2),
        "claim_overlaps": make_claim_overlaps({**pair, "people": 40}, *alone),
        "payments": make_payments(
            *paid.to_dict("records"),
            {"contract_id": last, "amount_gbp": 90_000.0, **without_period},
            {"contract_id": last, "amount_gbp": 9_000.0, **without_period, "basis": "evaluation", "locator": "in all"},
        ),
        "prices": make_prices(*({"contract_id": each, "metric_id": "days"} for each in (CONTRACTS[0], last))),
        "planned_payments": make_planned_payments({"contract_id": last}),
        "restatements": restated_of(read["outcomes"]),
        "corrections": pd.concat([read["corrections"], pd.DataFrame([CORRECTED_PRICE])], ignore_index=True),
        "published_figures": figures.assign(
            scope=figures["scope"].mask(figures["measure"] == "people_into_work", "market")
        ),
        "metric_outcomes": with_cells(read["metric_outcomes"], {(last, "trained"): {"treatment": "valued"}}),
        "unit_costs": read["unit_costs"].assign(data_year="2010-11"),
        "unit_cost_checks": pd.DataFrame([CHECK]),
        "reconstruction": reference.reconstruction[reference.reconstruction["choice"] == "transfers"],
    }
    # What a reading adds, no edition of ours takes: here one does.
    reading = replace(editions[1], added_values=("more",), published_edition="2022")
    rates = market["deadweight"]
    without = {**market, "deadweight": rates[rates["outcome_id"] != ADDED["outcome_id"]]}
    # Contracts with results of one outcome alone, of which one has those of another too.
    steps = market["metric_outcomes"]["outcome_id"].isin(["training", "care", "crime", "qualification"])
    mapping = market["metric_outcomes"].assign(
        treatment=market["metric_outcomes"]["treatment"].mask(steps, "process"),
        grade=market["metric_outcomes"]["grade"].mask(steps, ""),
    )
    total = {"contract_id": "C-2", "metric_id": "started", "shared_with": "C-1", "reason": "made up"}
    shared = pd.DataFrame([total | {"source_id": "s-1", "locator": "1"}])
    alone_in = {**market, "metric_outcomes": mapping, "shared_results": shared}
    given = [
        *((market, edition) for edition in editions),
        (without, reading),
        (alone_in, replace(editions[0], cut_off=None)),
    ]
    return [(frozenset(), {**tables, **valued_tables(tables, edition)}, edition) for tables, edition in given]


@pytest.mark.parametrize("step", [*STEPS, *ANALYSES], ids=lambda step: step.name)
def test_each_table_that_is_declared_can_change_what_is_made(step: Step, market: list[Trial]) -> None:
    """Of the tables with which a step runs the method again (``**inputs``) it is enough that some can."""
    named = set(inspect.signature(step.function).parameters)
    idle = set(step.reads)
    inputs = idle - named
    # Without rows almost every table changes what is made; only of the others column after column is tried, last where
    # nothing changed without any.
    unread: set[tuple[int, str]] = set()
    passes = ((without_rows, False), (with_other_values, False), (with_other_values, True))
    for (tried, is_unread), (number, (_, of_market, edition)) in itertools.product(passes, enumerate(market)):
        if edition.added_values and step in ANALYSES:
            continue  # what is said of an edition is said of ours, which add nothing
        if not idle & named and not inputs:
            break
        then = result_of_valuation(edition, of_market)
        given = {
            "edition": edition,
            "editions": {"before": before(edition)},
            "draws": FEW_DRAWS,
            "earlier": {"then": {**then.tables, "contract_value": then.contract_value, "choices": choices(edition)}},
        }
        told = {"publication_id": "then", "edition": "before", "told_in": edition.edition, "note": "made up"}
        register = pd.DataFrame([told | {"published_on": pd.Timestamp(2020, 1, 1)}])
        tables = {**of_market, "earlier_publications": register}
        made = step.run(tables, **given)

        asked = [name for name in sorted(idle & named) if ((number, name) in unread) is is_unread]
        found = {name: can_change(step, made, given, tried(name, tables)) for name in asked}
        idle -= {name for name, can in found.items() if can}
        if tried is without_rows:
            unread |= {(number, name) for name, can in found.items() if can is False}
        of_inputs = sorted(inputs & {"deadweight", "payments"} or inputs)
        if any(can_change(step, made, given, tried(name, tables)) for name in of_inputs):
            inputs = set()
    assert idle & named == set()
    assert inputs == set()


def before(edition: Edition) -> Edition:
    """An edition that this one has superseded."""
    return replace(edition, edition="before", superseded_by=edition.edition)


def without_rows(name: str, tables: Tables) -> Iterator[Tables]:
    """The tables with one of them changed: without the first row, and without any."""
    yield {**tables, name: tables[name].iloc[1:]}
    yield {**tables, name: tables[name].iloc[:0]}


def with_other_values(name: str, tables: Tables) -> Iterator[Tables]:
    """The tables with other values in a column of one of them; numbers, of which most is made, come first."""
    table = tables[name]
    for column in sorted(table.columns, key=lambda name: not is_numeric_dtype(table[name])) if len(table) else ():
        yield {**tables, name: table.assign(**{column: [table[column].iloc[-1]] * len(table)})}
        for values in variants(table[column], words_of(name).get(column, ())):
            yield {**tables, name: table.assign(**{column: values})}


def can_change(step: Step, made: Tables, given: Given, changed: Iterable[Tables]) -> bool | None:
    """Whether the step makes something else of one of these tables; None where it refuses the last of them."""
    found = None
    for tables in changed:
        found = differs(step, made, tables, given)
        if found:
            return True
    return found


def differs(step: Step, made: Tables, tables: Tables, given: Given) -> bool | None:
    """Whether the step makes something else of other tables; None for those that it refuses, which never reach it."""
    try:
        other = step.run(tables, **given)
    except (ValueError, LookupError, ArithmeticError, TypeError, pd.errors.InvalidIndexError, Warning):
        return None
    return any(not table.equals(other[name]) for name, table in made.items())
