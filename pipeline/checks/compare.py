"""Laying two sides of a comparison side by side.

Belongs here: what the views of several layers share. What is compared with what stands in the module of each layer.
"""

from datetime import date

import pandas as pd

from pipeline.tables.claims import ClaimCounts
from pipeline.tables.typed import DataFrame

METRIC = ["contract_id", "metric_id"]


def side_by_side(found: "pd.Series[float]", expected: "pd.Series[float]") -> pd.DataFrame:
    """Return two series by key; what is only on one side is nothing on the other. Pounds to the penny."""
    table = pd.concat({"found": found, "expected": expected}, axis=1).fillna(0.0).round(2)
    return table.rename_axis(index=found.index.names).reset_index()


def counts(table: pd.DataFrame, keys: list[str]) -> "pd.Series[float]":
    """Return the number of rows of each key."""
    return table.groupby(keys, dropna=False).size().astype(float)


def long(table: pd.DataFrame, keys: list[str], columns: list[str]) -> "pd.Series[float]":
    """Return the columns of a table one below the other, by key and measure."""
    below = table.melt(id_vars=keys, value_vars=columns, var_name="measure")
    return below.set_index([*keys, "measure"])["value"].astype(float)


def people_behind(totals: pd.DataFrame, claims: DataFrame[ClaimCounts]) -> "pd.Series[float]":
    """Return the people behind each total up to a year, as far as claims tell: of other units the most in any year.

    ``totals``: ``contract_id, metric_id, financial_year``.
    """
    joined = totals.reset_index(names="place")[["place", *METRIC, "financial_year"]].merge(
        claims[[*METRIC, "financial_year", "unit", "people"]], on=METRIC, suffixes=("", "_claimed")
    )
    joined = joined[joined["financial_year_claimed"] <= joined["financial_year"]].astype({"people": float})
    people = joined.groupby(["place", "unit"])["people"].agg(["sum", "max"]).reset_index("unit")
    behind = people["sum"].where(people["unit"] == "person", people["max"])
    return behind.reindex(totals.index, fill_value=0.0)


def none_of(contract_ids: "pd.Series[str]", known: "pd.Series[str]") -> pd.DataFrame:
    """Each contract that is known: how often it is among some, of which there must be none."""
    found = contract_ids.value_counts().reindex(sorted(set(known)), fill_value=0)
    found = found.rename_axis("contract_id").astype(float)
    return side_by_side(found, found * 0)


def may_count(table: pd.DataFrame, cut_off: date | None) -> "pd.Series[bool]":
    """Return the rows of which the cut-off leaves something: all without one; else those that have begun by then."""
    if cut_off is None:
        return pd.Series(True, index=table.index)
    has_period = table["period_start"].notna() & table["period_end"].notna()
    return has_period & (table["period_start"] <= pd.Timestamp(cut_off))
