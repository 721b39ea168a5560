"""Counts, payments and values that are impossible.

Belongs here: what must fit in time (sources, deflators) and in size (people engaged, payments), and what would be taken
off or counted twice. What can hardly be stands in ``doubts``.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import chain, islice, pairwise
from typing import Any

import pandas as pd

from pipeline.facts.price_lists import lines_of_lists
from pipeline.facts.problems import Problem
from pipeline.facts.raw import RawFacts
from pipeline.facts.rules.tables import METRIC, Tables, rows_not_in
from pipeline.tables.base import LONGEST_LINE_YEARS, PRICE_YEAR_PATTERN, Table, keys_of
from pipeline.tables.catalogue import REFERENCE_TABLES
from pipeline.tables.dates import financial_year, first_day, last_day, middle_day
from pipeline.tables.vocabulary import RETURNED

NO_DEFLATOR, A_DEFLATOR = "no deflator for this year", "one of gdp_deflators.csv"
# From one year to the next; 7% at the most since 2000, a quarter in the worst year since the war.
MOST_INFLATION = 1.5
# The schedule by which value that lies in later years is discounted.
STANDARD = "standard"
# So many parameters past their review are named.
NAMED = 5
# A code of a unit cost database, such as E&E1.0.1 or SS4.1.
CODE = re.compile(r"\b[A-Z]+(?:&[A-Z]+)?\d+(?:\.\d+)+\b")


def facts_after_their_source(tables: Tables) -> Iterator[Problem]:
    """What a source reports had begun and ended when it was published; commitments and plans may lie ahead."""
    published = {row.source_id: last_day(row.published) for row in tables.reference.sources.itertuples()}
    yield from later_than_published(tables.facts, published, tables.raw_path)


def later_than_published(
    facts: RawFacts, published: Mapping[str, date | None], path_of: Callable[[str, str], str]
) -> Iterator[Problem]:
    """Yield each result or payment that begins or ends after the last day on which its source can be of.

    ``published``: that day by source, None where it is not known; ``path_of``: the file, as it is shown, of a contract
    and a table.
    """
    payments = facts.payments
    for name, table in (("outcomes", facts.outcomes), ("payments", payments[payments["basis"] != "commitment"])):
        for row in table.itertuples():
            last = published.get(row.source_id)
            days = (("period_start", "begins", row.period_start), ("period_end", "ends", row.period_end))
            late = [(column, verb, day) for column, verb, day in days if last and pd.notna(day) and day.date() > last]
            for column, verb, day in late[:1]:  # what begins too late also ends too late
                path, what = path_of(row.contract_id, name), f"{verb} after its source was published"
                yield Problem(path, int(row.row), column, what, f"{day:%Y-%m-%d}", f"{last} at the latest")


def after_today(tables: Tables) -> Iterator[Problem]:
    """Nothing was reported, paid, signed or published that lies ahead; commitments may, and ends of services.

    Where it is known when a source was published, ``facts_after_their_source`` says more.
    """
    undated = [row.source_id for row in tables.reference.sources.itertuples() if not row.published]
    facts, today = tables.facts, pd.Timestamp(tables.today)
    expected = f"{tables.today} at the latest, which is today on this computer's clock"
    payments = facts.payments[facts.payments["basis"] != "commitment"]
    of_contracts = facts.contracts.assign(row=1)
    for name, table, columns in (
        # Results from claims end with a month, which hides the days; those of claims have a rule of their own.
        ("outcomes", facts.outcomes[facts.outcomes["row"] > 0], ("period_start", "period_end")),
        ("payments", payments, ("period_start", "period_end")),
        ("contracts", of_contracts, ("contract_signed",)),
    ):
        for column in columns:
            ahead = table[(table[column] > today) & ((name == "contracts") | table["source_id"].isin(undated))]
            for contract_id, row, day in zip(ahead["contract_id"], ahead["row"], ahead[column], strict=True):
                path = tables.raw_path(contract_id, name)
                yield Problem(path, int(row), column, "after today", f"{day:%Y-%m-%d}", expected)
    accepted = tables.reference.accepted["accepted_on"]
    for row, day in accepted[accepted > today].items():
        yield Problem(tables.path("accepted"), int(str(row)), "accepted_on", "after today", f"{day:%Y-%m-%d}", expected)
    for source in tables.reference.sources.itertuples():
        first = first_day(source.published)
        if first and first > tables.today:
            yield Problem(
                tables.path("sources"), int(source.Index), "published", "after today", source.published, expected
            )


def prices_after_their_source(tables: Tables) -> Iterator[Problem]:
    """A source gives prices of the year in which it was published, or of an earlier one."""
    published = {row.source_id: last_day(row.published) for row in tables.reference.sources.itertuples()}
    for row in tables.reference.unit_costs.itertuples():
        last = published.get(row.source_id)
        if last and re.fullmatch(PRICE_YEAR_PATTERN, row.price_year) and date(int(row.price_year[:4]), 4, 1) > last:
            what, expected = "prices of a year after their source", f"a year that had begun by {last}"
            yield Problem(tables.path("unit_costs"), int(row.Index), "price_year", what, row.price_year, expected)


def deflators_that_leap(tables: Tables) -> Iterator[Problem]:
    """A deflator is near that of the year before: one to another base, or with a slip of a digit, stands out."""
    table, path = tables.reference.gdp_deflators, tables.path("gdp_deflators")
    has_year = table["price_year"].str.fullmatch(PRICE_YEAR_PATTERN)
    known = table[has_year & (table["gdp_deflator"] > 0)].sort_values("price_year")
    for before, row in pairwise(known.itertuples()):
        most = MOST_INFLATION ** max(int(row.price_year[:4]) - int(before.price_year[:4]), 1)
        if not 1 / most <= row.gdp_deflator / before.gdp_deflator <= most:
            found, what = f"{row.gdp_deflator:g} after {before.gdp_deflator:g}", "far from the year before"
            expected = f"{before.gdp_deflator / most:g} to {before.gdp_deflator * most:g}"
            yield Problem(path, int(row.Index), "gdp_deflator", what, found, expected)


def price_years_without_deflator(tables: Tables) -> Iterator[Problem]:
    """The prices of every unit cost and of every edition can be restated."""
    years = set(tables.reference.gdp_deflators["price_year"])
    yield from rows_not_in(
        tables.reference.unit_costs, "price_year", years, tables.path("unit_costs"), NO_DEFLATOR, A_DEFLATOR
    )
    for name, edition in tables.reference.editions.items():
        if edition.price_year not in years:
            yield Problem(
                f"{tables.folder}/editions/{name}.toml", 1, "price_year", NO_DEFLATOR, edition.price_year, A_DEFLATOR
            )


def discount_rates_with_gaps(tables: Tables) -> Iterator[Problem]:
    """Each schedule has one rate for each year, from the first to the last that any line of value may reach."""
    path = tables.path("discount_rates")
    for schedule, spans in tables.reference.discount_rates.groupby("schedule", sort=False):
        year = 1
        for row in spans.dropna(subset=["year_from", "year_to"]).itertuples():
            found, expected = f"{schedule} {row.year_from} to {row.year_to}", f"a span from year {year} on"
            if row.year_to < row.year_from:
                yield Problem(path, int(row.Index), "year_to", "ends before it starts", found)
            elif row.year_from != year:
                what = "a gap between the years" if row.year_from > year else "a year with two rates"
                yield Problem(path, int(row.Index), "year_from", what, found, expected)
            year = max(year, int(row.year_to) + 1)
        if year <= LONGEST_LINE_YEARS:
            expected = f"a rate for each year up to {LONGEST_LINE_YEARS}"
            yield Problem(path, int(spans.index[-1]), "year_to", "too few years", f"{schedule} to {year - 1}", expected)
    schedules = set(tables.reference.discount_rates["schedule"])
    if STANDARD not in schedules:
        yield Problem(path, 0, "schedule", "missing", expected=f"the schedule {STANDARD!r}")
    for name, edition in tables.reference.editions.items():
        if edition.discounting not in {STANDARD, "none", *schedules}:
            file, expected = f"{tables.folder}/editions/{name}.toml", "a schedule of discount_rates.csv, or none"
            yield Problem(file, 1, "discounting", "no rates for this schedule", edition.discounting, expected)


def parameters_past_review(tables: Tables) -> Iterator[Problem]:
    """A parameter past the day by which somebody should look for a newer value is worth a word, once for each table.

    The first few are named by what makes their rows unique.
    """
    for name, model in REFERENCE_TABLES.items():
        if "review_by" in model.to_schema().columns:
            table = getattr(tables.reference, name)
            past = table[table["review_by"] < pd.Timestamp(tables.today)]
            if len(past):
                more = f" and {len(past) - NAMED} more" if len(past) > NAMED else ""
                what = f"review overdue: {', '.join(_named(past.head(NAMED), model))}{more}"
                found = f"{len(past)} of {len(table)} rows, the first due by {past['review_by'].min():%Y-%m-%d}"
                path, expected = tables.path(name), "a newer value, or a later day"
                yield Problem(path, int(past.index[0]), "review_by", what, found, expected, is_warning=True)


def _named(rows: pd.DataFrame, model: type[Table]) -> Iterator[str]:
    """What makes each row unique, such as ``2026 child_in_care``; an empty cell says nothing."""
    # Spans of discount rates have no key, and rules of their own: schedule and first year tell which is meant.
    keys = keys_of(model) or list(rows)[:2]
    for cells in rows[keys].astype(str).itertuples(index=False):
        yield " ".join(filter(None, cells))


def payments_without_deflator(tables: Tables) -> Iterator[Problem]:
    """What was paid in a period can be restated in other prices."""
    years = set(tables.reference.gdp_deflators["price_year"])
    for row in tables.facts.payments.dropna(subset=["period_start", "period_end"]).itertuples():
        year = financial_year(middle_day(row.period_start, row.period_end))
        if year not in years:
            path = tables.raw_path(row.contract_id, "payments")
            yield Problem(path, int(row.row), "period_start", NO_DEFLATOR, year, A_DEFLATOR)


def contracts_paid_nothing(tables: Tables) -> Iterator[Problem]:
    """Payments of £0 are facts, but a contract to which nothing was ever paid has no payments to report."""
    for contract_id, paid in tables.moved.groupby("contract_id"):
        if (paid["amount_gbp"] == 0).all() and ("payments", contract_id) not in tables.unread_facts:
            expected = "at least one above 0; leave the file out if nothing was paid"
            path, row = tables.raw_path(str(contract_id), "payments"), int(paid["row"].iloc[0])
            yield Problem(path, row, "amount_gbp", "all payments are zero", "0", expected)


def more_returned_than_paid(tables: Tables) -> Iterator[Problem]:
    """No more can have gone back by a day than was paid by then; what could not be read says nothing.

    A period counts by its last day, up to which an edition may count, and by the day in its middle, whose prices it
    has: else more could have gone back in real terms than was paid. The first row of each contract is named by which
    too much had gone back.
    """
    moved = tables.moved
    middle = moved["period_start"] + (moved["period_end"] - moved["period_start"]) / 2
    moved = moved.assign(end=moved["period_end"], middle=middle.dt.floor("D"))
    for contract_id in dict.fromkeys(moved.loc[moved["basis"] == RETURNED, "contract_id"]):
        path, rows = tables.raw_path(contract_id, "payments"), moved[moved["contract_id"] == contract_id]
        if path not in tables.spoilt:
            yield from islice(chain(_below_zero(path, rows, "end"), _below_zero(path, rows, "middle")), 1)


def _below_zero(path: str, moved: pd.DataFrame, day: str) -> Iterator[Problem]:
    """Yield the first row by which more had gone back than was paid, periods taken by a day; of one day paid first."""
    rows = moved.sort_values([day, "amount_gbp"], ascending=[True, False], kind="stable")
    known = rows["amount_gbp"].cumsum().round(2)
    for row in rows[(known < 0) & (rows["basis"] == RETURNED)].head(1).itertuples():
        until = rows.head(rows.index.get_loc(row.Index) + 1)
        back = -until.loc[until["basis"] == RETURNED, "amount_gbp"].sum()
        paid = until["amount_gbp"].sum() + back
        by = f"by {getattr(row, day):%Y-%m-%d}" + (", the middle of its period" if day == "middle" else "")
        found, expected = f"{back:.15g} {by}", f"at most {paid:.15g}, which is what was paid by then"
        yield Problem(path, int(row.row), "amount_gbp", "more was paid back than had been paid", found, expected)


def deadweight_on_net_counts(tables: Tables) -> Iterator[Problem]:
    """A count that is already net takes no deadweight: a rate of its own contract on top is an error."""
    outcomes = tables.facts.outcomes
    net = outcomes.loc[outcomes["is_net_of_deadweight"], METRIC].drop_duplicates()
    mapped = tables.reference.metric_outcomes.merge(net, on=METRIC)
    net_outcomes = set(zip(mapped["contract_id"], mapped["outcome_id"], strict=True))
    for row in tables.reference.deadweight.itertuples():
        if (row.contract_id, row.outcome_id) in net_outcomes:
            what, found = (
                "deadweight for a count that is already net of deadweight",
                f"{row.contract_id} {row.outcome_id}",
            )
            yield Problem(tables.path("deadweight"), int(row.Index), "contract_id", what, found)


def overlapping_unit_costs(tables: Tables) -> Iterator[Problem]:
    """No outcome is valued by a sum and one of its parts, nor twice by the same, of one source and kind."""
    earlier: dict[tuple[str, str, str, str], list[Any]] = defaultdict(list)
    # Of a line that several lists have the same is said once.
    for row in lines_of_lists(tables.reference).drop_duplicates(["line", "value_set"]).itertuples():
        others = earlier[row.list, row.outcome_id, row.kind, row.source_id]
        for other in others:
            shared = [(a, b) for a in _codes(row.locator) for b in _codes(other.locator) if _overlap(a, b)]
            if shared:
                found = f"{row.unit_cost_id}, {shared[0][0]}"
                expected = f"nothing that row {other.line} covers: {other.unit_cost_id}, {shared[0][1]}"
                path, what = tables.path("outcome_unit_costs"), "overlapping unit costs"
                yield Problem(path, int(row.line), "unit_cost_id", what, found, expected)
        others.append(row)


def _codes(locator: str) -> list[str]:
    """Codes on which a value rests; after a semicolon stand those of its low and high values."""
    return CODE.findall(locator.partition(";")[0])


def _overlap(one: str, other: str) -> bool:
    """Tell whether two codes are the same, or one is part of the other: ``1.0.2`` and ``1.3`` are parts of ``1.0``."""
    return one == other or _is_part(one, other) or _is_part(other, one)


def _is_part(code: str, whole: str) -> bool:
    return code.startswith(f"{whole}.") or (whole.endswith(".0") and code.startswith(whole.removesuffix("0")))
