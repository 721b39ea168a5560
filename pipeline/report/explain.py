"""The whole sum behind a contract: from reported rows to pounds, with sources.

Belongs here: gathering what the tables of an edition say about one contract, and laying it out. No figure is worked
out here; a test holds the printed factors to the printed results.
"""

from dataclasses import fields, replace
from typing import Any

import pandas as pd

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.published import published_payments, reported_outcomes
from pipeline.method.scope import counted_bases
from pipeline.method.valuation import Valuation
from pipeline.report.wording import template
from pipeline.tables.results import PUBLISHED_TABLES

LINE_COLUMNS = list(PUBLISHED_TABLES["valued_outcomes"].to_schema().columns)
REPORTED_COLUMNS = list(PUBLISHED_TABLES["reported_outcomes"].to_schema().columns)


class UnknownContractError(LookupError):
    """There is no such contract, or no such metric of it."""


def explain(
    facts: RawFacts, reference: Reference, valuation: Valuation, contract_id: str, metric_id: str | None = None
) -> dict[str, Any]:
    """Return the sum of one contract (or of the outcomes that one metric feeds) as plain data.

    Keys: ``contract, edition, has_claims, reported, corrections, units, lines, overlaps, payments, sums, sources``;
    rows as in the published tables. Raises ``UnknownContractError`` naming what there is instead.
    """
    if contract_id not in set(facts.contracts["contract_id"]):
        like = facts.contracts["contract_id"].iloc[0]
        raise UnknownContractError(f"no contract {contract_id!r} under raw/; ids look like {like}")
    facts = RawFacts(**{field.name: _of(getattr(facts, field.name), contract_id) for field in fields(facts)})
    valuation = replace(
        valuation, mapped=_of(valuation.mapped, contract_id), payments=_of(valuation.payments, contract_id)
    )
    reported = reported_outcomes(facts, reference, valuation)[REPORTED_COLUMNS]
    if metric_id is not None and metric_id not in set(reported["metric_id"]):
        known = ", ".join(reported["metric_id"].unique()) or "none reported"
        raise UnknownContractError(f"{contract_id} has no metric {metric_id!r}; it has: {known}")
    units, lines, overlaps = (
        _of(table, contract_id) for table in (valuation.units, valuation.valued_outcomes, valuation.overlaps)
    )
    if metric_id is not None:
        reported = reported[reported["metric_id"] == metric_id]
        units, lines, overlaps = (_fed_by(table, metric_id) for table in (units, lines, overlaps))
    payments = published_payments(facts, valuation)
    payments = payments[payments["share_counted"] > 0]
    sums = _of(valuation.contract_value, contract_id).iloc[0]
    corrections = _of(reference.corrections, contract_id)
    used = _sources_of(reported, corrections, lines, overlaps, payments)
    return {
        "contract": _records(facts.contracts)[0],
        "edition": valuation.edition.edition,
        "price_year": valuation.edition.price_year,
        "time_convention": valuation.edition.time_convention,
        "deadweight_layer": valuation.edition.deadweight_layer,
        "metric_id": metric_id,
        "has_claims": len(facts.claim_counts) > 0,
        "reported": _records(reported),
        "corrections": _records(corrections),
        "units": _records(units),
        "lines": _records(lines[LINE_COLUMNS]),
        "overlaps": _records(overlaps[["outcome_id", "unit_cost_id", "units", "unit", "net_gbp", "overlap_reason"]]),
        "payments": _payments_by_basis(payments, counted_bases(valuation.edition.payment_bases)),
        "sums": {name: None if pd.isna(value) else value for name, value in sums.items()},
        "sources": _records(reference.sources[reference.sources["source_id"].isin(used)]),
    }


def as_text(data: dict[str, Any]) -> str:
    """Return the sum as text for people."""
    return template("explain.txt.j2").render(**data)


def _of(table: pd.DataFrame, contract_id: str) -> pd.DataFrame:
    return table[table["contract_id"] == contract_id]


def _fed_by(table: pd.DataFrame, metric_id: str) -> pd.DataFrame:
    return table[[metric_id in metric_ids.split("; ") for metric_ids in table["metric_ids"]]]


def _payments_by_basis(payments: pd.DataFrame, counted: tuple[str, ...]) -> list[dict[str, Any]]:
    """Sums of the payments by basis, with the number of rows and whether the edition counts them."""
    rows = payments.groupby("basis", sort=True).agg(
        rows=("amount_gbp", "size"),
        amount_counted_gbp=("amount_counted_gbp", "sum"),
        amount_real_gbp=("amount_real_gbp", "sum"),
        first=("period_start", "min"),
        last=("period_end", "max"),
        locator=("locator", "first"),
        source_id=("source_id", "first"),
    )
    return _records(rows.reset_index().assign(is_counted=lambda table: table["basis"].isin(counted)))


def _sources_of(*tables: pd.DataFrame) -> set[str]:
    columns = ("source_id", "deadweight_source_id")
    return {source for table in tables for column in columns if column in table for source in table[column] if source}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain data: days as text, missing values as None."""
    plain = table.copy()
    for column in plain.select_dtypes("datetime").columns:
        plain[column] = plain[column].dt.strftime("%Y-%m-%d")
    return [{key: None if pd.isna(value) else value for key, value in row.items()} for row in plain.to_dict("records")]
