"""What depends on each parameter: the pounds of the ratio, shared among the rows of the reference tables.

Belongs here: which lines count, and their sums by what they rest on. Each line rests on a unit cost, a rate, a weight,
a mapping and their sources, so sums by different columns do not add up.
"""

from typing import Any

import pandas as pd

from pipeline.facts.reference import Reference
from pipeline.method.analysis.parameters import has_own_rate
from pipeline.tables.vocabulary import DEADWEIGHT_LAYERS


def counted_lines(valued_outcomes: pd.DataFrame, contract_value: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return the lines of the contracts in the ratio, with what each carries and on what it rests.

    Adds ``public_gbp, transfer_gbp, taken_gbp`` (public value taken off as deadweight), ``hours_weight_id`` and the
    rate that the line takes: ``layer`` empty for none, ``rate_contract_id`` empty for a general one.
    """
    in_ratio = contract_value.loc[contract_value["is_in_bcr"], "contract_id"]
    lines = valued_outcomes[valued_outcomes["contract_id"].isin(in_ratio)]
    is_public = ~lines["is_transfer"].astype(bool)
    layers = [layer if layer in DEADWEIGHT_LAYERS and layer != "none" else "" for layer in lines["deadweight_layer"]]
    weight_ids = reference.outcome_types.set_index("outcome_id")["hours_weight_id"]
    return lines.assign(
        public_gbp=lines["net_gbp"].where(is_public, 0.0),
        transfer_gbp=lines["net_gbp"].where(~is_public, 0.0),
        taken_gbp=(lines["gross_gbp"] * lines["deadweight"]).where(is_public, 0.0),
        layer=layers,
        rate_contract_id=lines["contract_id"].where(has_own_rate(lines, reference.deadweight), ""),
        hours_weight_id=lines["outcome_id"].map(weight_ids).fillna(""),
    )


def resting_on(lines: pd.DataFrame, columns: list[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Return what rests on each: public value with its share of all, transfers, deadweight taken off, contracts.

    ``lines``: as ``counted_lines`` returns them; the keys are what the columns say.
    """
    if lines.empty:
        return {}
    groups = lines.groupby(columns, sort=False)
    sums = groups[["public_gbp", "transfer_gbp", "taken_gbp"]].sum().assign(contracts=groups["contract_id"].nunique())
    total = float(lines["public_gbp"].sum())
    sums["share"] = sums["public_gbp"] / total if total else float("nan")
    keys = (key if isinstance(key, tuple) else (key,) for key in sums.index)
    return dict(zip(keys, sums.to_dict("records"), strict=True))
