"""The whole sum behind a contract: from reported rows to pounds, with sources.

Belongs here: gathering what the tables of an edition say about one contract, and laying it out. No figure is worked
out here; a test checks the printed results against the printed factors.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import fields, replace

import pandas as pd

from pipeline.facts.editions import Edition, first_choice
from pipeline.facts.files import meant
from pipeline.facts.price_lists import of_edition
from pipeline.facts.problems import quoted
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.tables import analysed
from pipeline.method.steps.scope import counted_bases
from pipeline.method.valuation import Valuation
from pipeline.report.ranges import BOUNDS, with_ranges
from pipeline.report.rows import Row, with_none
from pipeline.report.wording import template
from pipeline.tables.catalogue import PUBLISHED_TABLES
from pipeline.tables.reference import accepted_by_contract

LINE_COLUMNS = list(PUBLISHED_TABLES["valued_outcomes"].to_schema().columns)
REPORTED_COLUMNS = list(PUBLISHED_TABLES["reported_outcomes"].to_schema().columns)
OVERLAP_COLUMNS = [
    *("outcome_id", "unit_cost_id", "metric_ids", "units", "unit", "net_gbp", "overlap_reason"),
    *("source_id", "deadweight_source_id"),
]
CITING = ("reported", "corrections", "accepted", "lines", "overlaps", "payments")
SOURCE_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


class UnknownNameError(LookupError):
    """There is no such edition, no such contract, or no such metric of it."""


def edition_of(reference: Reference, named: str | None) -> Edition:
    """Return the edition that is named, else our own estimate. Raises ``UnknownNameError``."""
    edition_id = first_choice(reference.editions) if named is None else named
    if edition_id not in reference.editions:
        raise UnknownNameError(f"no edition {quoted(edition_id)}; there are: {', '.join(reference.editions)}")
    return reference.editions[edition_id]


def explain(
    facts: RawFacts, reference: Reference, valuation: Valuation, contract_id: str, metric_id: str | None = None
) -> Row:
    """Return the sum of one contract (or of the outcomes that one metric feeds) as plain data.

    Keys: ``contract``, the choices of the edition and its ``bound``, ``has_claims, reported, totals_with,
    totals_under`` (ids of contracts), ``corrections, accepted, units, lines, overlaps, payments, payments_by_metric,
    sums, sources``; rows as in the published tables. Raises ``UnknownNameError`` naming what was probably meant.
    """
    names = dict(zip(facts.contracts["contract_id"], facts.contracts["name"], strict=True))
    if contract_id not in names:
        like = meant(contract_id, names)
        hint = f"did you mean {like}?" if like else f"ids look like {next(iter(names))}"
        gone = reference.gone_contracts.query("decision == 'withdrawn'").set_index("contract_id")["decided_on"]
        if contract_id in gone.index:
            hint = f"its source has withdrawn it, and it was deleted here on {gone[contract_id]:%Y-%m-%d}"
        raise UnknownNameError(f"no contract {quoted(contract_id)} under raw/; {hint}")
    whole = _of_contract(facts, of_edition(reference, valuation.edition), valuation, contract_id)
    return whole if metric_id is None else explain_metric(whole, metric_id)


def as_text(data: Row) -> str:
    """Return the sum as text for people."""
    return template("text/explain.txt.j2").render(**data).rstrip("\n")


def as_json(data: Row) -> str:
    """Return the sum as JSON for machines: what is not known is null, as JSON has no other word for it."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)


def explain_metric(whole: Row, metric_id: str) -> Row:
    """Return what of the sum of a contract one metric feeds; ``shared_with`` of a row: the others that do as well.

    Raises ``UnknownNameError`` naming what was probably meant.
    """
    labels = {row["metric_id"]: row["label"] for row in whole["reported"]}
    if metric_id not in labels:
        like, contract_id = meant(metric_id, labels), whole["contract"]["contract_id"]
        hint = f"did you mean {like}? " if like else ""
        known = ", ".join(labels) or "none reported"
        raise UnknownNameError(f"{contract_id} has no metric {quoted(metric_id)}; {hint}it has: {known}")
    reported = [row for row in whole["reported"] if row["metric_id"] == metric_id]
    places = {f"{whole['contract']['contract_id']} {row['locator']}" for row in reported}
    data = {
        **whole,
        "metric_id": metric_id,
        "reported": reported,
        "accepted": [row for row in whole["accepted"] if row["key"] in places],
        **{rows: _fed_by(whole[rows], metric_id) for rows in ("units", "lines", "overlaps")},
        "payments_by_metric": [row for row in whole["payments_by_metric"] if row["metric_id"] == metric_id],
    }
    cited = _cited(data)
    return {**data, "sources": [row for row in whole["sources"] if row["source_id"] in cited]}


def _of_contract(facts: RawFacts, reference: Reference, valuation: Valuation, contract_id: str) -> Row:
    facts = RawFacts(**{field.name: _of(getattr(facts, field.name), contract_id) for field in fields(facts)})
    valuation = replace(
        valuation,
        outcomes_in_scope=_of(valuation.outcomes_in_scope, contract_id),
        payments_in_scope=_of(valuation.payments_in_scope, contract_id),
    )
    payments = analysed("published_payments", facts, reference, valuation)
    payments, bases = payments[payments["share_counted"] > 0], counted_bases(valuation.edition.payment_bases)
    data = {
        "contract": _records(facts.contracts)[0],
        "edition": valuation.edition.edition,
        "price_year": valuation.edition.price_year,
        "value_set": valuation.edition.value_set,
        "time_convention": valuation.edition.time_convention,
        "deadweight_layer": valuation.edition.deadweight_layer,
        "unit_value_level": valuation.edition.unit_value_level,
        "bound": BOUNDS.get(valuation.edition.unit_value_level),
        "metric_id": None,
        "has_claims": len(facts.claim_counts) > 0,
        "reported": _records(analysed("reported_outcomes", facts, reference, valuation)[REPORTED_COLUMNS]),
        "totals_with": sorted(set(_of(reference.shared_results, contract_id)["shared_with"])),
        "totals_under": sorted(
            reference.shared_results.query("shared_with == @contract_id")["contract_id"].drop_duplicates()
        ),
        "corrections": _records(_of(reference.corrections, contract_id)),
        "accepted": _records(_of(accepted_by_contract(reference.accepted), contract_id)),
        "units": _records(_of(valuation.outcome_units, contract_id)),
        "lines": _records(with_ranges(_of(valuation.valued_outcomes, contract_id)[LINE_COLUMNS], reference)),
        "overlaps": _records(_of(valuation.overlaps, contract_id)[OVERLAP_COLUMNS]),
        "payments": _added_up(payments, ["basis"], bases),
        "payments_by_metric": _added_up(payments[payments["metric_id"] != ""], ["metric_id", "basis"], bases),
        "sums": _records(_of(valuation.contract_value, contract_id))[0],
    }
    return {**data, "sources": _records(reference.sources[reference.sources["source_id"].isin(_cited(data))])}


def _of(table: pd.DataFrame, contract_id: str) -> pd.DataFrame:
    return table[table["contract_id"] == contract_id]


def _fed_by(rows: Iterable[Row], metric_id: str) -> list[Row]:
    feeding = [(row, row["metric_ids"].split("; ")) for row in rows]
    return [
        row | {"shared_with": [other for other in metric_ids if other != metric_id]}
        for row, metric_ids in feeding
        if metric_id in metric_ids
    ]


def _added_up(payments: pd.DataFrame, by: list[str], counted: tuple[str, ...]) -> list[Row]:
    """Sums of the payments by basis and what else is named, with their number and whether the edition counts them."""
    if payments.empty:
        return []
    rows = payments.groupby(by, sort=True).agg(
        rows=("amount_gbp", "size"),
        amount_counted_gbp=("amount_counted_gbp", "sum"),
        # Without a period a payment cannot be put into other prices: that is not known, not nothing.
        amount_real_gbp=("amount_real_gbp", lambda amounts: amounts.sum(min_count=1)),
        first=("period_start", "min"),
        last=("period_end", "max"),
        locator=("locator", "first"),
        source_id=("source_id", "first"),
    )
    return _records(rows.reset_index().assign(is_counted=lambda table: table["basis"].isin(counted)))


def _cited(data: Row) -> set[str]:
    """The sources of all rows, also those that a text of them names by its id."""
    rows = [row for name in CITING for row in data[name]]
    return {word for row in rows for cell in row.values() if isinstance(cell, str) for word in SOURCE_ID.findall(cell)}


def _records(table: pd.DataFrame) -> list[Row]:
    """Rows as plain data: days as text, missing values as None."""
    days = {name: table[name].dt.strftime("%Y-%m-%d") for name in table.select_dtypes("datetime").columns}
    return with_none(table.assign(**days))
