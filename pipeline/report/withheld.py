"""How much of an edition's counts of claims is withheld.

Belongs here: counting them in a published table. What is withheld is decided in ``pipeline.claims.disclosure``.
"""

import pandas as pd


def what_is_withheld(claims: pd.DataFrame) -> dict[str, int] | None:
    """Return how many counts of claims there are, and how many of them are withheld; None where there are none.

    ``claims``: that published table, or rows of it. ``totals_withheld``: metrics of which the latest total is.
    """
    if claims.empty:
        return None
    latest = claims.sort_values("financial_year").drop_duplicates(["contract_id", "metric_id"], keep="last")
    withheld = claims[claims["is_withheld"] | claims["is_total_withheld"]]
    return {
        "contracts": claims["contract_id"].nunique(),
        "contracts_withheld": withheld["contract_id"].nunique(),
        "counts": len(claims),
        "counts_withheld": int(claims["is_withheld"].sum()),
        "metrics": len(latest),
        "totals_withheld": int(latest["is_total_withheld"].sum()),
    }
