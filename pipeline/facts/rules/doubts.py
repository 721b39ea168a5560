"""Unlikely values, which stop a run until somebody has looked at them and accepted them.

Belongs here: rules whose limit something true may exceed, with that limit and from what it was taken. Each doubt has
the name of its rule, a key and a value: a row of ``accepted.csv`` with the same three lets it pass, in runs that nobody
watches too, and lets nothing else pass. What cannot be at all stands in ``values``.

Limits leave room above the largest case of today's hundred contracts, which is named beside each; none was set by what
it does to a result.

The rules share how payments are added up and how a doubt is told, so that they stand in one module: hence the length.
"""

import math
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
# Years that a service lasts, and between signing and its first day: 10.1 and 2.2 at the most.
MOST_YEARS, MOST_YEARS_FROM_SIGNING = 15, 3
# Of one contract, and of each person in it: £22.6m and £54,900 at the most; £604,000 is the least paid for a contract.
MOST_PAID_GBP, MOST_PAID_PER_PERSON_GBP, LEAST_PAID_GBP = 100_000_000, 250_000, 10_000
# People of one contract: 9,600 are the most. Of those targeted 1.35 times as many were engaged at the most, and 0.16
# at the least.
MOST_PEOPLE, MOST_ENGAGED, LEAST_ENGAGED = 100_000, 3.0, 0.125
# Places of delivery: 15 are the most. There are some 370 councils that could be one.
MOST_PLACES = 400
# Beside the highest and the lowest of at least so many others of its policy area; 3.9 times is the most.
MOST_TIMES_OTHERS, FEWEST_OTHERS = 5, 3
# Value of a person and year (child in a home less foster care, up to £276,100), of a person over a lifetime (a degree,
# up to £152,950), and of one event (a child taken into care, up to £80,594).
MOST_PER_YEAR_GBP, MOST_PER_PERSON_GBP, MOST_PER_EVENT_GBP = 500_000, 250_000, 150_000
# Of a unit cost low, central and high may each be so many times the one before; 6 times is the most.
MOST_SPREAD = 10
# Fewer rows add up to one another by chance.
FEWEST_PARTS = 3
HALF_A_PENNY = 0.005


@dataclass(frozen=True)
class Doubt:
    """A problem that a row of ``accepted.csv`` takes away: ``key`` names what is doubted, ``value`` is as it stands."""

    check: str
    key: str
    value: str
    problem: Problem


def time_within_people(tables: Tables) -> Iterator[Doubt]:
    """Nobody spends more time in an outcome than there is: people times the days of the period.

    Where people or days are not known, they are the most that any contract may have.
    """
    contracts = tables.contracts_by_id
    claimed = set(tables.facts.claim_counts["contract_id"])
    outcomes = tables.facts.outcomes
    for row in outcomes[outcomes["unit"].isin(list(TIME_UNITS)) & ~outcomes["contract_id"].isin(claimed)].itertuples():
        contract = contracts.loc[row.contract_id] if row.contract_id in contracts.index else None
        known, days = _people(contract), _days(row, contract, tables.today)
        people = MOST_PEOPLE if known is None else known
        if days < 0:
            continue  # a period that ends before it begins is told by the model
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


def _days(row: Any, contract: Any, today: date) -> int:
    """Days of the period of a result, or of the service so far where it has none, or of the longest service."""
    start, end = row.period_start, row.period_end
    if pd.isna(start) and contract is not None:
        start = contract["service_start"]
    if pd.isna(end) and contract is not None:
        end = contract["service_end"] if pd.notna(contract["service_end"]) else pd.Timestamp(today)
    return int(MOST_YEARS * DAYS_PER_YEAR) if pd.isna(start) or pd.isna(end) else (end - start).days + 1


def paid_within_maximum(tables: Tables) -> Iterator[Doubt]:
    """A contract is paid no more than the most that it may be paid, where that is known."""
    committed = tables.facts.payments.query("basis == 'commitment'").groupby("contract_id")["amount_gbp"].sum()
    for contract_id, rows in tables.moved.groupby("contract_id"):
        paid, most = rows["amount_gbp"].sum(), committed.get(contract_id, 0.0)
        if most > 0 and paid > most * MOST_PAID_SHARE:
            what, limit = "more was paid than the maximum", f"at most {MOST_PAID_SHARE - 1:.0%} above £{most:,.0f}"
            yield _of_contract(tables, str(contract_id), rows, what, _pounds(paid), limit, "paid_within_maximum")


def payments_differ(tables: Tables) -> Iterator[Doubt]:
    """No payment stands twice: two rows that differ in nothing but where they stand are one."""
    moved = tables.moved
    same = [name for name in moved.columns if name not in ("source_id", "locator", "row")]
    first = moved.groupby(same, dropna=False, sort=False)["row"].transform("first")
    for row in moved.assign(first=first)[(first != moved["row"]) & (moved["amount_gbp"] != 0)].itertuples():
        limit = f"each row once; this one is the same as row {row.first}"
        yield _doubt(tables, row, "payments", "amount_gbp", "the same payment twice", _pounds(row.amount_gbp), limit)


def no_total_beside_its_parts(tables: Tables) -> Iterator[Doubt]:
    """No payment is the sum of others of its contract, nor of those of its payer that lie within its period."""
    paid = tables.moved[tables.moved["amount_gbp"] > 0]
    of_contract = paid.groupby("contract_id")["amount_gbp"]
    rest = of_contract.transform("sum") - paid["amount_gbp"]
    is_total = ((paid["amount_gbp"] - rest).abs() < HALF_A_PENNY) & (of_contract.transform("size") > FEWEST_PARTS)
    for row in paid[is_total].itertuples():
        limit = "each payment once; it is the sum of all others of the contract"
        yield _doubt(tables, row, "payments", "amount_gbp", "a total beside its parts", _pounds(row.amount_gbp), limit)
    own = ["contract_id", "payer", "metric_id", "basis"]
    others = paid[~is_total]
    # One that holds others is one of three at least; a group takes longer to begin than all else here.
    for _, rows in others[others.groupby(own)["row"].transform("size") > 2].groupby(own):
        yield from _periods_that_hold_others(tables, rows)


def _periods_that_hold_others(tables: Tables, rows: pd.DataFrame) -> Iterator[Doubt]:
    """A year beside its quarters: its amount is their sum, half of all that lies within its period."""
    # Arrays: most contracts have a few payments, for which pandas takes longer to begin than to compare.
    starts, ends, amounts = (rows[name].to_numpy() for name in ("period_start", "period_end", "amount_gbp"))
    for number in range(len(rows)):
        is_within = (starts >= starts[number]) & (ends <= ends[number])  # never where a day is not known
        parts = int(is_within.sum()) - 1
        if parts > 1 and abs(amounts[is_within].sum() - 2 * amounts[number]) < HALF_A_PENNY:
            (row,) = rows.iloc[[number]].itertuples()
            limit = f"each payment once; it is the sum of {parts} others within its period"
            yield _doubt(
                tables, row, "payments", "amount_gbp", "a total beside its parts", _pounds(row.amount_gbp), limit
            )


def within_the_service(tables: Tables) -> Iterator[Doubt]:
    """What is paid for, or achieved, belongs to the service: not to years before it, nor to years after it."""
    # Days of claims have bounds of their own, and the results from them are those of whole years.
    outcomes = tables.facts.outcomes[tables.facts.outcomes["row"] > 0]
    for name, table in (("outcomes", outcomes), ("payments", tables.moved)):
        dated = table.join(tables.contracts_by_id[["service_start", "service_end"]], on="contract_id")
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


def services_like_others(tables: Tables) -> Iterator[Doubt]:
    """A service has the length of one, and begins not long before or after its contract was signed."""
    for contract in tables.facts.contracts.itertuples():
        signed, start, end = contract.contract_signed, contract.service_start, contract.service_end
        if abs((start - signed).days) > MOST_YEARS_FROM_SIGNING * DAYS_PER_YEAR:
            limit = f"at most {MOST_YEARS_FROM_SIGNING} years before or after {signed:%Y-%m-%d}, when it was signed"
            yield _of_the_contract_file(
                tables,
                contract.contract_id,
                "service_start",
                "too far from the day it was signed",
                f"{start:%Y-%m-%d}",
                limit,
            )
        if (end - start).days > MOST_YEARS * DAYS_PER_YEAR:
            limit = f"at most {MOST_YEARS} years after {start:%Y-%m-%d}, when it began"
            yield _of_the_contract_file(
                tables, contract.contract_id, "service_end", "longer than any service", f"{end:%Y-%m-%d}", limit
            )


def contracts_like_others(tables: Tables) -> Iterator[Doubt]:
    """A contract has the size of one: an amount in pence, in thousands, or in another column stands out.

    How many people there are nobody doubts where each has claims.
    """
    claimed = set(tables.facts.claim_counts["contract_id"])
    yield from _nothing_achieved(tables)
    listed = tables.facts.places.groupby("contract_id").size()
    for contract in tables.facts.contracts.itertuples():
        if contract.contract_id not in claimed:
            yield from _people_unlike_others(tables, contract)
        places = contract.delivery_places
        least = int(listed.get(contract.contract_id, 0))
        if pd.notna(places) and not least <= places <= MOST_PLACES:
            what = "fewer places than are listed" if places < least else "more places than any contract has"
            limit = f"at least {least}, the rows of places.csv" if places < least else f"at most {MOST_PLACES}"
            yield _of_the_contract_file(tables, contract.contract_id, "delivery_places", what, str(places), limit)
    contracts = tables.contracts_by_id
    payments = tables.facts.payments
    bases = payments["basis"].where(~payments["basis"].isin(MOVED), "paid")
    for (contract_id, basis), rows in payments.groupby(["contract_id", bases]):
        people = _people(contracts.loc[contract_id]) if contract_id in contracts.index else None
        yield from _amounts_unlike_others(tables, str(contract_id), str(basis), rows, people)


def _nothing_achieved(tables: Tables) -> Iterator[Doubt]:
    """Where something was paid for outcomes, and some are reported, not all of them are 0."""
    outcomes = tables.facts.outcomes
    is_nothing = outcomes["quantity"].eq(0).groupby(outcomes["contract_id"]).all()
    paid = _by_contract(tables.moved, "amount_gbp").sum()
    first_row = _by_contract(outcomes, "row").first()
    for contract_id in is_nothing.index[is_nothing].intersection(paid.index[paid > 0]):
        path, what = tables.raw_path(contract_id, "outcomes"), "nothing achieved, though something was paid"
        problem = Problem(path, int(first_row[contract_id]), "quantity", what, "0", "a result above 0")
        yield Doubt("contracts_like_others", f"{contract_id} results", "0", problem)


def _people_unlike_others(tables: Tables, contract: Any) -> Iterator[Doubt]:
    for column in ("people_targeted", "people_engaged"):
        people = getattr(contract, column)
        if pd.notna(people) and people > MOST_PEOPLE:
            what, limit = "more people than any contract has", f"at most {MOST_PEOPLE:,}"
            yield _of_the_contract_file(tables, contract.contract_id, column, what, str(people), limit)
    targeted, engaged = contract.people_targeted, contract.people_engaged
    if pd.isna(targeted) or pd.isna(engaged) or not targeted:
        return
    # While a service goes on, people are still to come.
    least = math.ceil(LEAST_ENGAGED * targeted) if contract.stage == "complete" else 0
    most = math.floor(MOST_ENGAGED * targeted)
    if not least <= engaged <= most:
        limit = f"{least:,} to {most:,}, an eighth to three times those targeted"
        yield _of_the_contract_file(
            tables, contract.contract_id, "people_engaged", "far from those targeted", str(engaged), limit
        )


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
    elif (
        basis == "paid"
        and total < LEAST_PAID_GBP
        and rows["amount_gbp"].any()  # that all are zero is a problem of its own
        and ("payments", contract_id) not in tables.unread_facts
        and tables.raw_path(contract_id, "payments") not in tables.spoilt
    ):
        limit, what = f"at least £{LEAST_PAID_GBP:,}", "less than any contract was paid"
    else:
        return
    yield _of_contract(tables, contract_id, rows, what, _pounds(total), limit, "contracts_like_others", f" {basis}")


def people_within_engaged(tables: Tables) -> Iterator[Doubt]:
    """Nobody reaches an outcome without taking part: no more people than were engaged.

    An exact count of claims is shown to nobody, so that what is accepted of it is that it is above.
    """
    engaged = tables.contracts_by_id["people_engaged"]
    claimed = set(tables.facts.claim_counts["contract_id"])
    for row in tables.facts.outcomes.query("unit == 'person'").itertuples():
        most = engaged.get(row.contract_id, pd.NA)
        if pd.notna(most) and row.quantity > most:
            found = f"more than {most}" if row.contract_id in claimed else f"{row.quantity:.15g}"
            what, limit = "more people than were engaged", f"at most {most} (people_engaged)"
            yield _doubt(tables, row, "outcomes", "quantity", what, found, limit)


def sizes_like_others_of_their_area(tables: Tables) -> Iterator[Doubt]:
    """Payments and results for each person of a contract are of the size that others of its policy area have.

    So a first publication, or a new contract, has something to be held against.
    """
    # Where each person has claims, nobody doubts how many there are.
    contracts = tables.contracts_by_id.drop(index=tables.facts.claim_counts["contract_id"].unique(), errors="ignore")
    people = contracts["people_engaged"].fillna(contracts["people_targeted"]).astype("float64")
    for measure, (table, column, rows, total) in _measures_of_size(tables).items():
        # Of a contract that goes on, payments and results are still to come.
        is_whole = contracts["stage"].eq("complete") | (measure == "maximum_per_person_gbp")
        each = (total / people.where(people > 0)).dropna()
        each = each[each > 0]
        for contract_id, size, least, most in _unlike_others(each, contracts["policy_area"], is_whole):
            if (table, contract_id) in tables.unread_facts:
                continue
            what, found = f"{measure} unlike others in its policy area", f"{size:.2f}"
            limit = f"{least:,.2f} to {most:,.2f}, a fifth of the least and five times the most of them"
            first = int(rows.loc[rows["contract_id"] == contract_id, "row"].iloc[0])
            problem = Problem(tables.raw_path(contract_id, table), first, column, what, found, limit)
            yield Doubt("sizes_like_others_of_their_area", f"{contract_id} {measure}", found, problem)


def _measures_of_size(tables: Tables) -> dict[str, tuple[str, str, pd.DataFrame, "pd.Series[float]"]]:
    """Table, column, rows and, by contract, the amount of each measure that is held beside others."""
    outcomes, payments, paid = tables.facts.outcomes, tables.facts.payments, tables.moved
    reached, maximum = outcomes[outcomes["unit"] == "person"], payments[payments["basis"] == "commitment"]
    return {
        "payments_per_person_gbp": ("payments", "amount_gbp", paid, _by_contract(paid, "amount_gbp").sum()),
        "maximum_per_person_gbp": ("payments", "amount_gbp", maximum, _by_contract(maximum, "amount_gbp").sum()),
        "results_per_person": ("outcomes", "quantity", reached, _by_contract(reached, "quantity").max()),
    }


def _by_contract(rows: pd.DataFrame, column: str) -> Any:
    return rows.groupby("contract_id")[column]


def _unlike_others(
    each: "pd.Series[float]", areas: "pd.Series[str]", is_whole: "pd.Series[bool]"
) -> Iterator[tuple[str, float, float, float]]:
    """Yield contract, size and limits of those that are far from all others of their area, if there are enough."""
    for _, of_area in each.groupby(areas.reindex(each.index)):
        in_order = of_area.sort_values()
        if len(in_order) <= FEWEST_OTHERS:
            continue
        # Next to the last and the first stand those that are the nearest to them.
        least, most = in_order.iloc[1] / MOST_TIMES_OTHERS, in_order.iloc[-2] * MOST_TIMES_OTHERS
        if in_order.iloc[0] < least and is_whole[in_order.index[0]]:
            yield str(in_order.index[0]), float(in_order.iloc[0]), least, most
        if in_order.iloc[-1] > most:
            yield str(in_order.index[-1]), float(in_order.iloc[-1]), least, most


def unit_costs_like_others(tables: Tables) -> Iterator[Doubt]:
    """A unit cost has the size of one: in pence, or of a year where a day is meant, it stands out."""
    path = tables.path("unit_costs")
    for row in tables.reference.unit_costs.itertuples():
        if row.unit in TIME_UNITS:
            most = MOST_PER_YEAR_GBP / conversion("year", row.unit)
        else:
            most = float(MOST_PER_PERSON_GBP if row.unit == "person" else MOST_PER_EVENT_GBP)
        if row.high_gbp > most:
            found, limit = f"{row.high_gbp:.15g}", f"at most £{most:,.0f} for a {row.unit}"
            problem = Problem(path, int(row.Index), "high_gbp", "more than any unit cost", found, limit)
            yield Doubt("unit_costs_like_others", f"{row.unit_cost_id} high_gbp", found, problem)
            continue
        for lower, upper in (("low_gbp", "central_gbp"), ("central_gbp", "high_gbp")):
            less, more = getattr(row, lower), getattr(row, upper)
            if less > 0 and more > less * MOST_SPREAD:
                found, limit = f"{less:.15g} to {more:.15g}", f"at most {MOST_SPREAD} times {lower}"
                problem = Problem(path, int(row.Index), upper, "a wider range than any other", found, limit)
                yield Doubt("unit_costs_like_others", f"{row.unit_cost_id} {upper}", found, problem)


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


def _of_the_contract_file(tables: Tables, contract_id: str, column: str, what: str, found: str, limit: str) -> Doubt:
    """A doubt about one value of contract.toml, in the name of the rule that calls."""
    problem = Problem(tables.raw_path(contract_id, "contracts"), 1, column, what, found, limit)
    return Doubt(RULE_OF[what], f"{contract_id} {column}", found, problem)


RULE_OF = {
    "more time than its people had": "time_within_people",
    "the same payment twice": "payments_differ",
    "a total beside its parts": "no_total_beside_its_parts",
    "long before the service begins": "within_the_service",
    "long after the service has ended": "within_the_service",
    "too far from the day it was signed": "services_like_others",
    "longer than any service": "services_like_others",
    "more people than any contract has": "contracts_like_others",
    "far from those targeted": "contracts_like_others",
    "fewer places than are listed": "contracts_like_others",
    "more places than any contract has": "contracts_like_others",
    "more people than were engaged": "people_within_engaged",
}
DOUBTED = (
    time_within_people,
    paid_within_maximum,
    payments_differ,
    no_total_beside_its_parts,
    within_the_service,
    services_like_others,
    contracts_like_others,
    sizes_like_others_of_their_area,
    people_within_engaged,
    unit_costs_like_others,
)
