"""Which of the reported facts an edition counts.

Belongs here: the cut-off, the latest report of a metric, shares of periods that straddle the cut-off, and the
prices of payments. What a result is worth comes later.
"""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.steps.prices import NoDeflatorError, price_factors
from pipeline.tables.dates import financial_years, middle_day
from pipeline.tables.parameters import GdpDeflators
from pipeline.tables.raw import RawOutcomes, RawPayments
from pipeline.tables.reference import PaidPerUnit
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import PaymentsInScope
from pipeline.tables.vocabulary import MOVED, RETURNED


def months_in(start: "pd.Series[pd.Timestamp]", end: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    """Return how many calendar months a period touches."""
    return (end.dt.year - start.dt.year) * 12 + end.dt.month - start.dt.month + 1


def counted_share(table: pd.DataFrame, cut_off: date | None) -> "pd.Series[float]":
    """Return the share of each period that lies before the cut-off, by elapsed months.

    ``table``: ``period_start, period_end``. 1 for a period that ends by then, 0 for one that starts later. A row
    without a period counts in full when there is no cut-off, and not at all when there is one: it cannot be placed.
    """
    if cut_off is None:
        return pd.Series(1.0, index=table.index)
    last = pd.Series(pd.Timestamp(cut_off), index=table.index)
    start, end = table["period_start"], table["period_end"]
    share = months_in(start, last) / months_in(start, end)
    share = share.where(end > last, 1.0).where(start <= last, 0.0)
    return share.where(start.notna() & end.notna(), 0.0)


def paid_shares(
    payments: DataFrame[RawPayments], paid_per_unit: DataFrame[PaidPerUnit], cut_off: date | None
) -> "pd.Series[float]":
    """Return, by contract and metric, what share of the contract's dated payments was made by the cut-off.

    Of metrics whose contract has no dated payments there is none. What went back counts as what it is.
    """
    moved = payments[payments["basis"].isin(MOVED) & payments["period_end"].notna() & payments["period_start"].notna()]
    amounts = moved["amount_gbp"]
    by_then = (amounts * counted_share(moved, cut_off)).groupby(moved["contract_id"]).sum()
    share = (by_then / amounts.groupby(moved["contract_id"]).sum()).clip(0, 1)
    keys = pd.MultiIndex.from_frame(paid_per_unit[["contract_id", "metric_id"]])
    return pd.Series(share.reindex(paid_per_unit["contract_id"]).to_numpy(), index=keys).dropna()


def outcomes_in_scope(
    outcomes: DataFrame[RawOutcomes], edition: Edition, paid_by_then: "pd.Series[float] | None" = None
) -> pd.DataFrame:
    """Return the result of each metric that the edition counts, one row per contract and metric.

    Of several reports of a metric the latest that ends by the cut-off counts, a final one before an interim one
    of the same end; if none does, the earliest that straddles it, pro rata to the elapsed months. Interim and
    final are never added. ``paid_by_then`` (``paid_shares``): of these metrics not the share of the months counts but
    that of the payments, which date better what is paid by the unit. Where totals are withheld (without a quantity)
    the latest that is shown counts, which is less than there was; one of 0 would say that there was nobody, so that
    then nothing counts. Adds ``share_counted``, ``quantity_counted`` and ``is_estimated``.
    """
    table = outcomes.assign(share_counted=counted_share(outcomes, edition.cut_off))
    if paid_by_then is not None and edition.cut_off is not None:
        keys = pd.MultiIndex.from_frame(table[["contract_id", "metric_id"]])
        paid = pd.Series(paid_by_then.reindex(keys).to_numpy(), index=table.index)
        straddles = (table["share_counted"] > 0) & (table["share_counted"] < 1)
        table["share_counted"] = table["share_counted"].mask(straddles & paid.notna(), paid)
    table = table[table["share_counted"] > 0]
    whole = table["share_counted"] == 1
    # Whole reports come first, the latest of them; then straddling ones, the earliest of them.
    end = table["period_end"].fillna(pd.Timestamp.min).astype("int64")
    order = pd.DataFrame(
        {
            "straddles": ~whole,
            "says_nothing": whole & _says_nothing(table),
            "end": end.where(~whole, -end),
            "interim": table["result_type"] != "final",
            # Nothing tells which of such reports is better; the order of the rows must not decide.
            "start": table["period_start"],
            "source_id": table["source_id"],
            "locator": table["locator"],
        }
    )
    order = order.sort_values(list(order.columns), kind="stable")
    table = table.loc[order.index].drop_duplicates(["contract_id", "metric_id"], keep="first").sort_index()
    return table.assign(
        quantity_counted=table["quantity"].fillna(0.0) * table["share_counted"],
        is_estimated=table["share_counted"] < 1,
    )


def _says_nothing(results: pd.DataFrame) -> "pd.Series[bool]":
    """Results that are withheld, and those of 0 of a metric of which another one is."""
    withheld = results["quantity"].isna()
    of_metric = withheld.groupby([results["contract_id"], results["metric_id"]]).transform("any")
    return withheld | (of_metric & (results["quantity"] == 0))


def counted_bases(payment_bases: Sequence[str]) -> tuple[str, ...]:
    """Return the bases that count where those of an edition do: what went back is taken off what was paid."""
    is_paid_counted = "paid" in payment_bases or "reported" in payment_bases
    return tuple(dict.fromkeys([*payment_bases, *([RETURNED] if is_paid_counted else [])]))


def payments_in_scope(
    payments: DataFrame[RawPayments], edition: Edition, gdp_deflators: DataFrame[GdpDeflators]
) -> DataFrame[PaymentsInScope]:
    """Return the payments that the edition counts, in cash and in its prices.

    All bases are kept; which of them the headline uses is said by ``counted_bases``. Adds ``share_counted``,
    ``amount_counted_gbp`` (cash), ``price_year`` (financial year of the middle of the period), ``amount_real_gbp``
    (edition's prices; missing when the payment has no period) and ``is_estimated``. Raises ``NoDeflatorError`` for a
    payment of a year without a deflator.
    """
    share = counted_share(payments, edition.cut_off)
    # A commitment is a term of the contract, not an event in time: no cut-off divides it.
    share = share.where(payments["basis"] != "commitment", 1.0)
    table = payments.assign(share_counted=share)
    table = table[table["share_counted"] > 0]
    years = financial_years(middle_day(table["period_start"], table["period_end"]))
    factors = price_factors(gdp_deflators, edition.price_year)
    without = sorted(set(years.unique()) - {""} - set(factors.index))
    if without:
        raise NoDeflatorError(f"no deflator for {', '.join(without)}, in which a payment falls")
    counted = (table["amount_gbp"] * table["share_counted"]).round(2)
    return table.assign(
        amount_counted_gbp=counted,
        price_year=years,
        amount_real_gbp=(counted * years.map(factors).astype("float64")).round(2),
        is_estimated=table["share_counted"] < 1,
    )
