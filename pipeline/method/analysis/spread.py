"""The spread of a ratio under all combinations of choices.

Belongs here: quantiles over the rows of table ``scenarios``. The combinations themselves are made in ``scenarios``.
"""

from typing import Any

import pandas as pd

from pipeline.tables.vocabulary import RATIOS

# The quantiles that are named: the share of the combinations that lies below.
SPREAD = {"lowest": 0.0, "p25": 0.25, "median": 0.5, "p75": 0.75, "highest": 1.0}


def spread(scenarios: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return quantiles of each ratio over the combinations that have both, and ``share_above_1``, by measure."""
    known = scenarios[list(RATIOS)].dropna()
    return {
        measure: {
            **{name: float(ratios.quantile(share)) for name, share in SPREAD.items()},
            "share_above_1": float((ratios > 1).mean()),
        }
        for measure, ratios in known.items()
        if len(ratios)
    }


def spread_by_option(scenarios: pd.DataFrame, choice: str) -> dict[str, dict[str, Any]]:
    """Return quantiles of ``bcr`` over the combinations with each option of a choice; nothing where it has only one.

    ``alone``: the ratio with all else as in the edition, None where no combination changes this choice alone.
    """
    known = scenarios[scenarios["bcr"].notna()]
    in_use = known[known[choice] != ""]
    if in_use[choice].nunique() < 2:
        return {}
    alone = known[known["changes"].eq(0) | known["changed"].eq(choice)].set_index(choice)["bcr"]
    quantiles = in_use.groupby(choice, sort=False)["bcr"].quantile(list(SPREAD.values())).unstack()
    return {
        str(option): {
            "alone": float(alone[option]) if option in alone.index else None,
            **dict(zip(SPREAD, map(float, ends), strict=True)),
        }
        for option, *ends in quantiles.itertuples()
    }
