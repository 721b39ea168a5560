"""Prices compared with payments: the agreed price times what was reported, and what was paid.

Belongs here: price times results, of each metric and of a contract as a whole, and how far that is from what was paid.
It says which facts do not fit together, and mends none of them: a price or payment is mended by a row of
``corrections.csv``. Nothing here enters a value.

What was paid is taken as the source has it, so that a payment that a correction leaves out is here once more: whether
it fits is the question. Prices are taken as corrected and, beside that, as the source has them.
"""

from dataclasses import replace
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.steps.scope import outcomes_in_scope
from pipeline.tables.analysis import PriceChecks
from pipeline.tables.base import in_natural_order
from pipeline.tables.claims import ClaimCounts
from pipeline.tables.raw import RawOutcomes, RawPayments, RawPrices
from pipeline.tables.reference import Corrections
from pipeline.tables.typed import DataFrame
from pipeline.tables.vocabulary import MOVED

METRIC = ["contract_id", "metric_id"]
# Price times results may be so much more or less than what was paid. In six of the seven contracts of one fund it is 2%
# to 21% more, as not all that was reported was also paid for; in the seventh it is 81% more.
MOST_APART = 0.25
# So much of its maximum has a contract been paid that was paid all it could be.
AT_MAXIMUM = 0.99
# The note of a payment that we derived from prices and maximum: it cannot be held against them.
DERIVED = "derived_at_cap"
# How the place of a recorded payment begins; a maximum, and the total of a page, stand elsewhere in a source.
RECORDED = "payments:"
# The note of a maximum that is the part of one payer alone.
PART_OF_MAXIMUM = "lottery_share_only"
PRICED = ("priced_gbp", "priced_as_reported_gbp")


def price_checks(
    edition: Edition,
    prices: DataFrame[RawPrices],
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
    payments: DataFrame[RawPayments],
    corrections: DataFrame[Corrections],
) -> DataFrame[PriceChecks]:
    """Return one row per price, and one with an empty ``metric_id`` for all prices of a contract together.

    Pounds in cash; a ratio is price times results for each £1 paid. Of several reports of a metric the latest counts,
    whatever the cut-off of the edition. A count that is net of deadweight is none that anything is paid for.
    """
    known = prices[~prices["contract_id"].isin(claim_counts["contract_id"])]
    gross = outcomes[~outcomes["is_net_of_deadweight"]]
    results = outcomes_in_scope(gross, replace(edition, cut_off=None))
    made = _payments_as_reported(payments, corrections)
    metrics = _of_metrics(_with_reported_prices(known, corrections), results, made)
    contracts = _together(metrics, results, made, _maxima(payments))
    table = pd.concat([contracts, metrics], ignore_index=True)
    is_left_out = table["is_payment_left_out"].eq(True)
    table = table.assign(
        is_payment_left_out=is_left_out,
        paid_per_unit_gbp=table["paid_gbp"] / table["quantity"].where(table["quantity"] > 0),
        ratio=_ratio(table, "priced_gbp"),
        ratio_as_reported=_ratio(table, "priced_as_reported_gbp"),
        finding=[_finding(row) for row in table.itertuples()],
        order=in_natural_order(table["metric_id"]),
    )
    return table.sort_values(["contract_id", "order"], ignore_index=True)


def _payments_as_reported(payments: DataFrame[RawPayments], corrections: DataFrame[Corrections]) -> pd.DataFrame:
    """What was paid, with what corrections leave out: ``contract_id, metric_id, paid_gbp, is_payment_left_out``."""
    is_reported = payments["basis"].isin(MOVED) & (payments["note"] != DERIVED)
    moved = payments.loc[is_reported, [*METRIC, "amount_gbp"]]
    is_left_out = (corrections["table"] == "payments") & (corrections["used"] == "")
    is_amount = (corrections["column"] == "amount_gbp") & corrections["locator"].str.startswith(RECORDED)
    left_out = corrections[is_left_out & is_amount]
    back = left_out[["contract_id"]].assign(metric_id="", amount_gbp=left_out["reported"].astype("float64"))
    parts = [moved.assign(is_payment_left_out=False), back.assign(is_payment_left_out=True)]
    return pd.concat(parts, ignore_index=True).rename(columns={"amount_gbp": "paid_gbp"})


def _with_reported_prices(prices: DataFrame[RawPrices], corrections: DataFrame[Corrections]) -> pd.DataFrame:
    """The prices with what the source has in their place; one that was corrected is inferred, so that it is weak."""
    of_prices = corrections[(corrections["table"] == "prices") & (corrections["column"] == "price_gbp")]
    key = ["contract_id", "locator"]
    reported = of_prices[key].assign(reported_gbp=of_prices["reported"].astype("float64"))
    # A price corrected twice was first reported as the first correction says.
    table = prices.merge(reported.drop_duplicates(key), on=key, how="left", validate="many_to_one")
    return table.assign(
        price_reported_gbp=table["reported_gbp"].fillna(table["price_gbp"]),
        grade=table["reported_gbp"].isna().map({True: "contract", False: "weak"}),
    )


def _of_metrics(prices: pd.DataFrame, results: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """A row for each price: with its result, and with what was paid for it where payments name their metrics."""
    paid = made[made["metric_id"] != ""].groupby(METRIC, as_index=False)
    table = prices[[*METRIC, "price_gbp", "price_reported_gbp", "grade"]]
    table = table.merge(results[[*METRIC, "label", "unit", "quantity"]], on=METRIC, how="left", validate="one_to_one")
    table = table.merge(
        paid.agg(paid_gbp=("paid_gbp", "sum"), is_payment_left_out=("is_payment_left_out", "any")),
        on=METRIC,
        how="left",
        validate="one_to_one",
    )
    is_together = table["contract_id"].isin(made["contract_id"]) & ~table["contract_id"].isin(_naming_metrics(made))
    return table.fillna({"label": "", "unit": ""}).assign(
        priced_gbp=table["price_gbp"] * table["quantity"],
        priced_as_reported_gbp=table["price_reported_gbp"] * table["quantity"],
        is_paid_together=is_together,
        is_incomplete=False,
        maximum_gbp=float("nan"),
    )


def _naming_metrics(made: pd.DataFrame) -> "pd.Series[str]":
    return made.loc[made["metric_id"] != "", "contract_id"]


def _together(
    metrics: pd.DataFrame, results: pd.DataFrame, made: pd.DataFrame, maxima: "pd.Series[float]"
) -> pd.DataFrame:
    """A row for each contract: all prices with a result, and what was paid for these.

    Where payments name their metrics, those for other metrics are left aside; else all are for all.
    """
    by_contract = metrics.groupby("contract_id")
    table = by_contract[list(PRICED)].sum(min_count=1).reset_index()
    contract = table["contract_id"]
    names_metrics = contract.isin(_naming_metrics(made))
    for_these = metrics[metrics["priced_gbp"].notna()].groupby("contract_id")["paid_gbp"].sum(min_count=1)
    paid = contract.map(for_these).where(names_metrics, contract.map(made.groupby("contract_id")["paid_gbp"].sum()))
    left_out = made.loc[made["is_payment_left_out"], "contract_id"]
    priced = pd.MultiIndex.from_frame(metrics[METRIC])
    unpriced = results[(results["quantity"] > 0) & ~pd.MultiIndex.from_frame(results[METRIC]).isin(priced)]
    is_weak = contract.isin(metrics.loc[metrics["grade"] == "weak", "contract_id"])
    return table.assign(
        metric_id="",
        label="",
        unit="",
        price_gbp=float("nan"),
        price_reported_gbp=float("nan"),
        quantity=float("nan"),
        grade=is_weak.map({True: "weak", False: "contract"}),
        paid_gbp=paid,
        is_payment_left_out=contract.isin(left_out),
        is_paid_together=False,
        is_incomplete=contract.isin(unpriced["contract_id"]) & ~names_metrics,
        maximum_gbp=contract.map(maxima),
    )


def _maxima(payments: DataFrame[RawPayments]) -> "pd.Series[float]":
    """The most that may be paid under each contract of which all of it is known."""
    stated = payments[(payments["basis"] == "commitment") & (payments["note"] != PART_OF_MAXIMUM)]
    return stated.groupby("contract_id")["amount_gbp"].sum()


def _ratio(table: pd.DataFrame, priced: str) -> "pd.Series[float]":
    """For each £1 paid; none where nothing was."""
    return table[priced] / table["paid_gbp"].where(table["paid_gbp"] > 0)


def _finding(row: Any) -> str:
    """How price times results compares with what was paid, in a word of ``PRICE_FINDINGS``."""
    if pd.isna(row.priced_gbp):
        return "no_result"
    if row.is_paid_together:
        return "paid_together"
    is_paid = pd.notna(row.paid_gbp)
    if is_paid and abs(row.priced_gbp - row.paid_gbp) <= MOST_APART * row.paid_gbp:
        return "incomplete" if row.is_incomplete else "fits"
    # NaN is neither more nor less: without a maximum nothing is above it.
    if row.priced_gbp > row.maximum_gbp and not row.paid_gbp < AT_MAXIMUM * row.maximum_gbp:
        return "above_maximum"
    if not is_paid:
        return "no_payment"
    return "incomplete" if row.is_incomplete else "differs"
