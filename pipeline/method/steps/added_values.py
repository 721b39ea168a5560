"""Values that a reading of somebody else's study adds to those of the price list.

Belongs here: the lines of value that they make, and the rates of deadweight of outcomes that have no other. No edition
of ours takes any; which values there are is data (``reference/reading_values.csv``).
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.steps.prices import price_factors
from pipeline.tables.parameters import LIFE_SATISFACTION, Deadweight, GdpDeflators, WellbeingScales
from pipeline.tables.reading import ReadingValues
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.valuation import GrossValue, OutcomesInScope, OutcomeUnits

CENTRAL = "central"
COUNTED = [
    *("contract_id", "outcome_id", "is_net_of_deadweight", "ladder", "unit", "people", "units", "units_low"),
    *("units_high", "is_estimated", "metric_ids", "mapping_grade", "sum"),
]


def levels_of(added_values: Sequence[str]) -> dict[str, str]:
    """Return the level at which each group of values is taken, by group: central unless it says otherwise."""
    return {group: level or CENTRAL for group, _, level in (word.partition(":") for word in added_values)}


def added_lines(
    edition: Edition,
    outcomes_in_scope: DataFrame[OutcomesInScope],
    units: DataFrame[OutcomeUnits],
    reading_values: DataFrame[ReadingValues],
    wellbeing_scales: DataFrame[WellbeingScales],
    gdp_deflators: DataFrame[GdpDeflators],
) -> DataFrame[GrossValue]:
    """Return a line for each contract and value that the edition adds: what is counted × what it is worth.

    ``unit_value_gbp = gbp × D[price_year of the edition] / D[its own] × units``; a WELLBY is that of
    ``wellbeing_scales``. An outcome that the price list values is counted as the edition counts it; of another one the
    metric of most people counts, once, since metrics of one outcome may count the same people. What nobody reached
    makes no line. Raises ``KeyError`` for a price year without a deflator, ``ValueError`` for a group that does not
    exist or a WELLBY without a value.
    """
    levels = levels_of(edition.added_values)
    unknown = sorted(levels.keys() - set(reading_values["added_value"]))
    if unknown:
        raise ValueError(f"no added value is called {', '.join(unknown)}")
    rows = _priced(reading_values[reading_values["added_value"].isin(list(levels))], levels, wellbeing_scales)
    factors = price_factors(gdp_deflators, edition.price_year).to_dict()
    rows["price_factor"] = [float(factors[year]) for year in rows["unit_cost_price_year"].to_list()]
    by_metric = (
        rows[rows["metric_id"] != ""]
        .drop(columns="outcome_id")
        .merge(_by_metric(outcomes_in_scope), on=["contract_id", "metric_id"])
    )
    of_outcomes = _by_outcome(outcomes_in_scope, units)
    general = rows[rows["metric_id"] == ""].rename(columns={"contract_id": "only"}).merge(of_outcomes, on="outcome_id")
    general = general[general["only"].isin([""]) | (general["only"] == general["contract_id"])]
    lines = pd.concat([general, by_metric], ignore_index=True)
    is_person = lines["counts_by"] == "person"
    people = lines["people"].astype(float)
    for name in ("units", "units_low", "units_high"):
        lines[name] = lines[name].astype(float).mask(is_person, people)
    lines["unit"] = lines["unit"].mask(is_person, "person")
    lines["sum"] = lines["sum"].mask(is_person, [f"{count:,.4g} people, once each" for count in people])
    lines = lines[lines["people"] > 0]
    value = lines["unit_cost_gbp"] * lines["price_factor"] * lines["units_per_outcome"]
    lines = lines.assign(
        is_counted=True,
        value_set=edition.value_set,
        unit_cost_unit=lines["unit"],
        cost_units_per_unit=1.0,
        hours_weight_id="",
        hours_weight=1.0,
        unit_value_gbp=value,
        horizon_years=float("nan"),
        overlap_group="",
        gross_gbp=(lines["units"] * value).round(2),
    )
    return typed(GrossValue, lines.sort_values(["contract_id", "unit_cost_id"], ignore_index=True))


def is_replaced(
    lines: DataFrame[GrossValue], added: DataFrame[GrossValue], reading_values: DataFrame[ReadingValues]
) -> "pd.Series[bool]":
    """Tell of which lines of the price list an added value takes the place, contract by contract and outcome."""
    instead = reading_values.loc[reading_values["is_instead"], "reading_value_id"]
    keys = ["contract_id", "outcome_id"]
    taken = pd.MultiIndex.from_frame(added.loc[added["unit_cost_id"].isin(instead), keys])
    return pd.Series(pd.MultiIndex.from_frame(lines[keys]).isin(taken), index=lines.index)


def with_added(
    lines: DataFrame[GrossValue], added: DataFrame[GrossValue], reading_values: DataFrame[ReadingValues]
) -> DataFrame[GrossValue]:
    """Return the lines of the price list with those added, without those of which an added value takes the place."""
    kept = lines[~is_replaced(lines, added, reading_values)]
    return typed(GrossValue, pd.concat([kept, added[kept.columns]], ignore_index=True))


def with_rates_of_readings(
    deadweight: DataFrame[Deadweight], reading_values: DataFrame[ReadingValues]
) -> DataFrame[Deadweight]:
    """Return the rates of deadweight with those of outcomes that have none, as ``reading_values`` says them."""
    rates = reading_values[reading_values["deadweight"].notna()]
    if rates.empty:
        return deadweight
    rates = rates.drop_duplicates("outcome_id")
    own = {"contract_id": "", "layer": "assumed", "central": rates["deadweight"].astype(float)}
    found = rates[["outcome_id", "grade", "source_id"]].assign(**own)
    known = deadweight.loc[(deadweight["layer"] == "assumed") & (deadweight["contract_id"] == ""), "outcome_id"]
    return typed(Deadweight, pd.concat([deadweight, found[~found["outcome_id"].isin(known)]], ignore_index=True))


def _priced(
    rows: DataFrame[ReadingValues], levels: dict[str, str], wellbeing_scales: DataFrame[WellbeingScales]
) -> pd.DataFrame:
    """The values at their levels, in the columns of unit values."""
    level = rows["added_value"].map(levels).astype(str)
    wellbys = wellbeing_scales[wellbeing_scales["scale_id"] == LIFE_SATISFACTION]
    is_wellby = rows["valued_in"] == "wellby"
    if is_wellby.any() and wellbys.empty:
        raise ValueError("no value of a WELLBY: wellbeing_scales has no row of life_satisfaction")
    gbp, units = pd.Series(float("nan"), index=rows.index), pd.Series(float("nan"), index=rows.index)
    for name in ("low", CENTRAL, "high"):
        of_wellby = float(wellbys[f"{name}_gbp"].iloc[0]) if len(wellbys) else float("nan")
        gbp = gbp.mask(level == name, rows[f"{name}_gbp"].astype(float).mask(is_wellby, of_wellby))
        units = units.mask(level == name, rows[f"{name}_units"].astype(float))
    years = rows["price_year"].mask(is_wellby, wellbys["price_year"].iloc[0] if len(wellbys) else "")
    columns = [
        *("outcome_id", "contract_id", "metric_id", "counts_by", "name", "kind", "agency", "is_transfer"),
        *("source_id", "locator"),
    ]
    return rows[columns].assign(
        unit_cost_id=rows["reading_value_id"],
        unit_cost_gbp=gbp,
        units_per_outcome=units,
        unit_cost_price_year=years,
        data_year=years,
        unit_value_level=level,
        unit_cost_grade=rows["grade"],
    )


def _by_outcome(outcomes_in_scope: DataFrame[OutcomesInScope], units: DataFrame[OutcomeUnits]) -> pd.DataFrame:
    """What each contract counts of each outcome (``COUNTED``), priced or not."""
    priced = units.loc[units["is_counted"], COUNTED]
    nil = _counted(outcomes_in_scope[outcomes_in_scope["treatment"] == "no_unit_cost"])
    nil = nil.sort_values("people", ascending=False, kind="stable").drop_duplicates(["contract_id", "outcome_id"])
    keys = pd.MultiIndex.from_frame(nil[["contract_id", "outcome_id"]])
    is_priced = keys.isin(pd.MultiIndex.from_frame(priced[["contract_id", "outcome_id"]]))
    return pd.concat([priced, nil.loc[~is_priced, COUNTED]], ignore_index=True)


def _by_metric(outcomes_in_scope: DataFrame[OutcomesInScope]) -> pd.DataFrame:
    """What each contract counts of each metric, in the columns of ``COUNTED`` and ``metric_id``."""
    return _counted(outcomes_in_scope)[["metric_id", *COUNTED]]


def _counted(results: DataFrame[OutcomesInScope]) -> pd.DataFrame:
    """Results as units of their outcomes: as many as stated where a conversion is, else as they were reported."""
    per_unit = results["quantity_per_unit"].astype(float).fillna(1.0)
    counted = results["quantity_counted"] / per_unit
    return results.assign(
        unit=results["outcome_unit"],
        people=results["quantity_counted"],
        units=counted,
        units_low=counted,
        units_high=counted,
        metric_ids=results["metric_id"],
        mapping_grade="weak",
        sum=[f"{count:,.4g}, of its counts the largest" for count in counted],
    )
