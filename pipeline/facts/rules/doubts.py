"""What can hardly be as it stands, unless somebody has looked at it and accepted it.

Belongs here: rules whose limit something true may exceed, with that limit and from what it was taken. Each doubt has
the name of its rule, a key and a value: a row of ``accepted.csv`` with the same three lets it pass, in runs that nobody
watches too, and lets nothing else pass. What cannot be at all stands in ``values``.

Limits leave room above the largest case of today's hundred contracts, which is named beside each; none was set by what
it does to a result.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pipeline.facts.problems import Problem
from pipeline.facts.rules.tables import Tables
from pipeline.tables.units import conversion
from pipeline.tables.vocabulary import DAYS_PER_YEAR, MOVED, TIME_UNITS

# Paid beyond the maximum stated, as a share of it; 9% in one contract (rounded tariffs, or a maximum since raised).
MOST_PAID_SHARE = 1.1
# Days by which payments and results may begin before the service, or end after it: 91 and 396 at the most (people who
# are followed up after the last of them was taken on).
MOST_DAYS_BEFORE, MOST_DAYS_AFTER = 365, 1_096
# Of one contract, and of each person in it: £22.6m and £54,900 at the most; £604,000 is the least paid for a contract.
MOST_PAID_GBP, MOST_PAID_PER_PERSON_GBP, LEAST_PAID_GBP = 100_000_000, 250_000, 10_000
# People of one contract: 9,600 are the most.
MOST_PEOPLE = 100_000
# Value of a person and year (child in a private home, £153,244), and of one event (£15,000 for a homeless case).
MOST_PER_YEAR_GBP, MOST_PER_EVENT_GBP = 500_000, 1_000_000
# Of a unit cost its high end may be so many times its low one; 6 times is the most.
MOST_SPREAD = 100
# Fewer rows add up to one another by chance.
FEWEST_PARTS = 3
PENNY = 0.005


@dataclass(frozen=True)
class Doubt:
    """A problem that a row of ``accepted.csv`` takes away: ``key`` names what is doubted, ``value`` is as it stands."""

    check: str
    key: str
    value: str
    problem: Problem


def time_within_people(tables: Tables) -> Iterator[Doubt]:
    """Nobody spends more time in an outcome than there is: people times the days of the period."""
    contracts = tables.facts.contracts.drop_duplicates("contract_id").set_index("contract_id")
    claimed = set(tables.facts.claim_counts["contract_id"])
    outcomes = tables.facts.outcomes
    for row in outcomes[outcomes["unit"].isin(list(TIME_UNITS)) & ~outcomes["contract_id"].isin(claimed)].itertuples():
        contract = contracts.loc[row.contract_id] if row.contract_id in contracts.index else None
        people, days = _people(contract), _days(row, contract, tables.today)
        if people is None or days is None or pd.isna(row.quantity):
            continue
        most = people * days / DAYS_PER_YEAR / conversion(row.unit, "year")
        if row.quantity > most:
            found, limit = (
                f"{row.quantity:.15g}",
                f"at most {most:,.0f} {row.unit}s, {people:,} people for {days:,} days",
            )
            yield _doubt(tables, row, "outcomes", "quantity", "more time than its people had", found, limit)


def _people(contract: Any) -> int | None:
    """People of a contract: those engaged, else those targeted."""
    if contract is None:
        return None
    found = [int(contract[name]) for name in ("people_engaged", "people_targeted") if pd.notna(contract[name])]
    return found[0] if found else None


def _days(row: Any, contract: Any, today: date) -> int | None:
    """Days of the period of a result, or of the service so far where it has none."""
    start, end = row.period_start, row.period_end
    if pd.isna(start) and contract is not None:
        start = contract["service_start"]
    if pd.isna(end) and contract is not None:
        end = contract["service_end"] if pd.notna(contract["service_end"]) else pd.Timestamp(today)
    return None if pd.isna(start) or pd.isna(end) else max((end - start).days + 1, 0)


def paid_within_maximum(tables: Tables) -> Iterator[Doubt]:
    """A contract is paid no more than the most that it may be paid, where that is known."""
    payments = tables.facts.payments
    committed = payments[payments["basis"] == "commitment"].groupby("contract_id")["amount_gbp"].sum()
    for contract_id, rows in _counted(tables).groupby("contract_id"):
        paid, most = rows["amount_gbp"].sum(), committed.get(contract_id, 0.0)
        if most > 0 and paid > most * MOST_PAID_SHARE:
            what, limit = "more was paid than the maximum", f"at most {MOST_PAID_SHARE - 1:.0%} above £{most:,.0f}"
            yield _of_contract(tables, str(contract_id), rows, what, _pounds(paid), limit, "paid_within_maximum")


def payments_differ(tables: Tables) -> Iterator[Doubt]:
    """No payment stands twice: two rows that differ in nothing but where they stand are one."""
    counted = _counted(tables)
    same = [name for name in counted.columns if name not in ("source_id", "locator", "row")]
    first = counted.groupby(same, dropna=False, sort=False)["row"].transform("first")
    for row in counted.assign(first=first)[(first != counted["row"]) & (counted["amount_gbp"] != 0)].itertuples():
        limit = f"once; it is the same as row {row.first}"
        yield _doubt(tables, row, "payments", "amount_gbp", "the same payment twice", _pounds(row.amount_gbp), limit)


def no_total_beside_its_parts(tables: Tables) -> Iterator[Doubt]:
    """No payment is the sum of others of its contract, nor of those of its payer that lie within its period."""
    counted = _counted(tables)
    for _, rows in counted[counted["amount_gbp"] > 0].groupby("contract_id"):
        rest = rows["amount_gbp"].sum() - rows["amount_gbp"]
        totals = rows[((rows["amount_gbp"] - rest).abs() < PENNY) & (len(rows) > FEWEST_PARTS)]
        for row in totals.itertuples():
            limit = "each payment once; it is the sum of all others of the contract"
            yield _doubt(
                tables, row, "payments", "amount_gbp", "a total beside its parts", _pounds(row.amount_gbp), limit
            )
        for _, own in rows.drop(index=totals.index).groupby(["payer", "metric_id", "basis"]):
            yield from _periods_that_hold_others(tables, own)


def _periods_that_hold_others(tables: Tables, rows: pd.DataFrame) -> Iterator[Doubt]:
    """A year beside its quarters: its amount is their sum."""
    for row in rows.itertuples():
        within = (rows["period_start"] >= row.period_start) & (rows["period_end"] <= row.period_end)
        parts = rows[within & (rows["row"] != row.row)]
        if len(parts) > 1 and abs(parts["amount_gbp"].sum() - row.amount_gbp) < PENNY:
            limit = f"each payment once; it is the sum of {len(parts)} others within its period"
            yield _doubt(
                tables, row, "payments", "amount_gbp", "a total beside its parts", _pounds(row.amount_gbp), limit
            )


def within_the_service(tables: Tables) -> Iterator[Doubt]:
    """What is paid for, or achieved, belongs to the service: not to years before it, nor to years after it."""
    contracts = tables.facts.contracts.drop_duplicates("contract_id").set_index("contract_id")
    # Days of claims have bounds of their own, and the results from them are those of whole years.
    outcomes = tables.facts.outcomes[tables.facts.outcomes["row"] > 0]
    for name, table in (("outcomes", outcomes), ("payments", _counted(tables))):
        dated = table.join(contracts[["service_start", "service_end"]], on="contract_id")
        early = (dated["service_start"] - dated["period_start"]).dt.days > MOST_DAYS_BEFORE
        late = (dated["period_end"] - dated["service_end"]).dt.days > MOST_DAYS_AFTER
        for row in dated[early | late].itertuples():
            is_early = bool(early[row.Index])
            column = "period_start" if is_early else "period_end"
            what = "long before the service begins" if is_early else "long after the service has ended"
            day, bound = (row.period_start, row.service_start) if is_early else (row.period_end, row.service_end)
            days = MOST_DAYS_BEFORE if is_early else MOST_DAYS_AFTER
            limit = f"at most {days:,} days from {bound:%Y-%m-%d}"
            yield _doubt(tables, row, name, column, what, f"{day:%Y-%m-%d}", limit)


def contracts_like_others(tables: Tables) -> Iterator[Doubt]:
    """A contract has the size of one: an amount in pence, in thousands, or in another column stands out.

    How many people there are nobody doubts where each has claims.
    """
    claimed = set(tables.facts.claim_counts["contract_id"])
    for column in ("people_targeted", "people_engaged"):
        many = tables.facts.contracts[tables.facts.contracts[column].fillna(0) > MOST_PEOPLE]
        many = many[~many["contract_id"].isin(claimed)]
        for contract_id, people in zip(many["contract_id"], many[column], strict=True):
            path, what = tables.raw_path(contract_id, "contracts"), "more people than any contract has"
            problem = Problem(path, 1, column, what, str(people), f"at most {MOST_PEOPLE:,}")
            yield Doubt("contracts_like_others", f"{contract_id} {column}", problem.found, problem)
    contracts = tables.facts.contracts.drop_duplicates("contract_id").set_index("contract_id")
    payments = tables.facts.payments
    bases = payments["basis"].where(~payments["basis"].isin(MOVED), "paid")
    for (contract_id, basis), rows in payments.groupby(["contract_id", bases]):
        people = _people(contracts.loc[contract_id]) if contract_id in contracts.index else None
        yield from _amounts_unlike_others(tables, str(contract_id), str(basis), rows, people)


def _amounts_unlike_others(
    tables: Tables, contract_id: str, basis: str, rows: pd.DataFrame, people: int | None
) -> Iterator[Doubt]:
    total = rows["amount_gbp"].sum()
    most = min(MOST_PAID_GBP, MOST_PAID_PER_PERSON_GBP * people if people else MOST_PAID_GBP)
    if total > most:
        limit = f"at most £{most:,.0f}" + (
            f", £{MOST_PAID_PER_PERSON_GBP:,} for each of {people:,} people" if people else ""
        )
        what = f"more of basis {basis!r} than any contract has"
    elif basis == "paid" and 0 < total < LEAST_PAID_GBP and ("payments", contract_id) not in tables.unread_facts:
        limit, what = f"at least £{LEAST_PAID_GBP:,}", "less than any contract was paid"
    else:
        return
    yield _of_contract(tables, contract_id, rows, what, _pounds(total), limit, "contracts_like_others", f" {basis}")


def unit_costs_like_others(tables: Tables) -> Iterator[Doubt]:
    """A unit cost has the size of one: in pence, or of a year where a day is meant, it stands out."""
    path = tables.path("unit_costs")
    for row in tables.reference.unit_costs.itertuples():
        is_time = row.unit in TIME_UNITS
        most = MOST_PER_YEAR_GBP / conversion("year", row.unit) if is_time else float(MOST_PER_EVENT_GBP)
        if row.high_gbp > most:
            found, limit = f"{row.high_gbp:.15g}", f"at most £{most:,.0f} for a {row.unit}"
            problem = Problem(path, int(row.Index), "high_gbp", "more than any unit cost", found, limit)
            yield Doubt("unit_costs_like_others", row.unit_cost_id, found, problem)
        elif row.low_gbp > 0 and row.high_gbp > row.low_gbp * MOST_SPREAD:
            found = f"{row.low_gbp:.15g} to {row.high_gbp:.15g}"
            limit = f"at most {MOST_SPREAD} times as much as the low end"
            problem = Problem(path, int(row.Index), "high_gbp", "further apart than any range", found, limit)
            yield Doubt("unit_costs_like_others", row.unit_cost_id, found, problem)


def _counted(tables: Tables) -> pd.DataFrame:
    payments = tables.facts.payments
    return payments[payments["basis"].isin(MOVED)]


def _pounds(amount: float) -> str:
    return f"{amount:.2f}".removesuffix(".00")


def _doubt(tables: Tables, row: Any, table: str, column: str, what: str, found: str, limit: str) -> Doubt:
    """A doubt about one row of a contract, by its locator, in the name of the rule that calls."""
    problem = Problem(tables.raw_path(row.contract_id, table), int(row.row), column, what, found, limit)
    return Doubt(RULE_OF[what], f"{row.contract_id} {row.locator}", found, problem)


def _of_contract(
    tables: Tables, contract_id: str, rows: pd.DataFrame, what: str, found: str, limit: str, check: str, more: str = ""
) -> Doubt:
    """A doubt about all payments of a contract together; the largest of them is named."""
    problem = Problem(
        tables.raw_path(contract_id, "payments"),
        int(rows.loc[rows["amount_gbp"].idxmax(), "row"]),
        "amount_gbp",
        what,
        found,
        limit,
    )
    return Doubt(check, f"{contract_id}{more}", found, problem)


RULE_OF = {
    "more time than its people had": "time_within_people",
    "the same payment twice": "payments_differ",
    "a total beside its parts": "no_total_beside_its_parts",
    "long before the service begins": "within_the_service",
    "long after the service has ended": "within_the_service",
}
DOUBTED = (
    time_within_people,
    paid_within_maximum,
    payments_differ,
    no_total_beside_its_parts,
    within_the_service,
    contracts_like_others,
    unit_costs_like_others,
)
