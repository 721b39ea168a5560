"""What would have happened anyway.

Belongs here: which rate of deadweight a line of value takes, by layer. The rates are data
(``reference/deadweight.csv``); how they are taken off stands in ``value``.
"""

import pandas as pd

from pipeline.tables.parameters import Deadweight
from pipeline.tables.typed import DataFrame
from pipeline.tables.vocabulary import DEADWEIGHT_LAYERS, FLAT

# From which layers the rate of an edition may come, in the order in which they are tried.
RATES_TRIED = {"none": (), "assumed": ("assumed",), "studied": ("studied", "assumed")}
RATE_COLUMNS = ["deadweight", "deadweight_layer", "deadweight_grade", "deadweight_source_id"]
GROSS = (0.0, "none", "", "")
ALREADY_NET = (0.0, "already_net", "", "")


class NoRateError(LookupError):
    """An outcome is valued but has no rate of deadweight in the layer or the one to fall back on."""


def with_deadweight(
    rows: pd.DataFrame, rates: DataFrame[Deadweight], layer: str, flat_deadweight: float | None = None
) -> pd.DataFrame:
    """Add to each row the rate of deadweight that applies to it.

    ``rows``: ``contract_id, outcome_id, is_net_of_deadweight``. A rate of the
    contract itself comes before a general one; layer ``studied`` falls back on ``assumed``, and the column
    ``deadweight_layer`` says so. Counts already net get 0 and ``already_net``. ``flat_deadweight``: the rate that all
    others take in place of those of the layer; a layer that takes nothing off takes nothing off with it either. Adds
    ``RATE_COLUMNS``. Raises ``NoRateError`` when a row has no rate, ``ValueError`` for an unknown layer.
    """
    if layer not in DEADWEIGHT_LAYERS:
        raise ValueError(f"unknown deadweight layer {layer!r}")
    keys = zip(*(rates[name].to_list() for name in ("layer", "outcome_id", "contract_id")), strict=True)
    values = zip(*(rates[name].to_list() for name in ("central", "layer", "grade", "source_id")), strict=True)
    by_key = dict(zip(keys, values, strict=True))
    chosen = []
    needed = (rows[name].to_list() for name in ("is_net_of_deadweight", "outcome_id", "contract_id"))
    for is_net, outcome, contract in zip(*needed, strict=True):
        if is_net:
            chosen.append(ALREADY_NET)
        elif layer == "none":
            chosen.append(GROSS)
        elif flat_deadweight is not None:
            chosen.append((flat_deadweight, FLAT, "weak", ""))
        else:
            chosen.append(_rate(by_key, layer, outcome, contract))
    found = pd.DataFrame(chosen, columns=RATE_COLUMNS, index=rows.index)
    return pd.concat([rows, found], axis=1)


def _rate(
    by_key: dict[tuple[str, str, str], tuple[float, str, str, str]],
    layer: str,
    outcome_id: str,
    contract_id: str,
) -> tuple[float, str, str, str]:
    for candidate in RATES_TRIED[layer]:
        for contract in (contract_id, ""):
            if (candidate, outcome_id, contract) in by_key:
                return by_key[candidate, outcome_id, contract]
    raise NoRateError(f"outcome {outcome_id!r} has no rate of deadweight (layer {layer})")
