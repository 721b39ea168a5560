"""Who takes part in contracts, and what investors committed.

Belongs here: which rows of the facts count as an organisation, and which of two amounts of the same money counts.
Nothing is valued, and names that look alike are not taken for one another.
"""

from datetime import date

import pandas as pd

from pipeline.tables.raw import Contracts, RawOrganisations
from pipeline.tables.typed import DataFrame


def begun_by(contracts: DataFrame[Contracts], cut_off: date | None) -> DataFrame[Contracts]:
    """Return the contracts whose service had begun by the cut-off; one without a start counts, and all without one."""
    later = contracts["service_start"] > (pd.Timestamp.max if cut_off is None else pd.Timestamp(cut_off))
    return contracts[~later]


def named(organisations: DataFrame[RawOrganisations]) -> pd.DataFrame:
    """Return ``contract_id, role, organisation_id`` where an id of the source stands for one organisation."""
    is_one = (organisations["organisation_id"] != "") & ~organisations["is_group"]
    return organisations.loc[is_one, ["contract_id", "role", "organisation_id"]]


def by_role(names: pd.DataFrame) -> dict[str, int]:
    """Return how many organisations there are of each role that any has; ``names``: rows of ``named``."""
    return dict(names.groupby("role")["organisation_id"].nunique().items())


def investments(organisations: DataFrame[RawOrganisations]) -> pd.DataFrame:
    """Return the investment of each contract of which it is known: ``social_investment_gbp, is_low_end``, by contract.

    Pounds in cash. The amount of all investors together, else the sum over its investors: never both, they are the
    same money. A range counts with its low end.
    """
    known = organisations[organisations["investment_committed_gbp"].notna()]
    is_total = known["organisation_id"] == ""
    has_total = known["contract_id"].isin(known.loc[is_total, "contract_id"])
    used = known[is_total | ~has_total]
    return used.groupby("contract_id").agg(
        social_investment_gbp=("investment_committed_gbp", "sum"), is_low_end=("is_low_end", "any")
    )
