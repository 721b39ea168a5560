"""What published figures are about in our data: which contracts, and what we know about them.

Belongs here: finding the contracts that a figure means (the market, areas, contracts, those of a fund or an investor)
and counting what is known of these. Which of it answers a figure stands in ``our_figures``, how the two are judged in
``reconciliation``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.organisations import begun_by, by_role, investments, named
from pipeline.method.steps.scope import counted_bases
from pipeline.method.steps.sums import summed
from pipeline.tables.raw import Contracts, RawOrganisations
from pipeline.tables.reference import OutcomeTypes
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, OutcomesInScope, PaymentsInScope
from pipeline.tables.vocabulary import MOVED, ORGANISATION_ROLES, PAYER_KINDS, POLICY_AREAS

# How a scope says that it means contracts by who pays into them or invests in them.
FUND, INVESTOR = "fund: ", "investor: "


@dataclass(frozen=True)
class Scope:
    """What is known of the contracts that a published figure is about.

    ``contracts``: one row for each, by id: ``service_start, service_end, people_engaged, people_targeted,
    delivery_places, is_begun, has_results, is_valued, into_work, social_investment_gbp, is_low_end,
    outcome_payments_gbp, public_value_gbp``, ``paid_<kind>`` for each kind of payer, in cash, and ``names_<role>``:
    whether somebody is named in a role, and no group. ``sums``: of value and payments, as ``summed`` gives them.
    ``roles``: how many organisations have each role in those that have begun. ``reported``: ``quantity, label`` by
    contract and metric, of all contracts. ``cut_off``: that of the edition; ``last_day``: the last day of which
    anything is known, of all contracts.
    """

    name: str
    contracts: pd.DataFrame
    sums: "pd.Series[float]"
    roles: Mapping[str, int]
    reported: pd.DataFrame
    cut_off: date | None
    last_day: date | None

    @cached_property
    def begun(self) -> int:
        """How many contracts had begun by the cut-off; all without one."""
        return int(self.contracts["is_begun"].sum())

    @property
    def dated(self) -> date | None:
        """The day up to which what is dated counts."""
        return self.cut_off or self.last_day


def scopes_of(
    names: Iterable[str],
    edition: Edition,
    contracts: DataFrame[Contracts],
    organisations: DataFrame[RawOrganisations],
    outcomes: DataFrame[OutcomesInScope],
    outcome_types: DataFrame[OutcomeTypes],
    payments: DataFrame[PaymentsInScope],
    values: DataFrame[ContractValue],
) -> dict[str, Scope]:
    """Return what is known of the contracts of each scope that has any, by its name."""
    ids = {name: _contracts_of(contracts, organisations, name) for name in dict.fromkeys(names)}
    ids = {name: found for name, found in ids.items() if len(found)}
    if not ids:
        return {}
    known = _known(edition, contracts, organisations, outcomes, outcome_types, payments, values)
    # Summed in one go: a table of all scopes costs hardly more than a table of one.
    places = values.set_index("contract_id").index
    rows = [np.flatnonzero(places.isin(found)) for found in ids.values()]
    together = values.iloc[np.concatenate(rows)].assign(scope=np.repeat(list(ids), [len(of) for of in rows]))
    sums = summed(together, "scope").set_index("scope")
    begun = known.index[known["is_begun"]]
    of_one = named(organisations[organisations["contract_id"].isin(begun)])
    reported = outcomes.set_index(["contract_id", "metric_id"])[["quantity", "label"]]
    last_day = _last_day(outcomes, payments)
    return {
        name: Scope(
            name=name,
            contracts=known.loc[found],
            sums=sums.loc[name],
            roles=by_role(of_one[of_one["contract_id"].isin(found)]),
            reported=reported,
            cut_off=edition.cut_off,
            last_day=last_day,
        )
        for name, found in ids.items()
    }


def _contracts_of(
    contracts: DataFrame[Contracts], organisations: DataFrame[RawOrganisations], scope: str
) -> "pd.Index[str]":
    """Ids of the contracts of the market, of areas or ids joined by ``+``, of a fund or an investor; else none."""
    ids = pd.Index(contracts["contract_id"])
    if scope == "market":
        return ids
    if scope.startswith(FUND):
        funds = set(scope.removeprefix(FUND).split("+"))
        return ids[[not funds.isdisjoint(of.split("; ")) for of in contracts["outcomes_fund"]]]
    if scope.startswith(INVESTOR):
        is_one = (organisations["role"] == "investor") & organisations["name"].isin(
            scope.removeprefix(INVESTOR).split("+")
        )
        return ids[ids.isin(organisations.loc[is_one, "contract_id"])]
    parts = scope.split("+")
    if set(parts) <= set(POLICY_AREAS):
        return ids[contracts["policy_area"].isin(parts)]
    return ids[ids.isin(parts if set(parts) <= set(ids) else [])]


def _known(
    edition: Edition,
    contracts: DataFrame[Contracts],
    organisations: DataFrame[RawOrganisations],
    outcomes: DataFrame[OutcomesInScope],
    outcome_types: DataFrame[OutcomeTypes],
    payments: DataFrame[PaymentsInScope],
    values: DataFrame[ContractValue],
) -> pd.DataFrame:
    """One row for each contract, by id: what of it is known."""
    told = ["service_start", "service_end", "people_engaged", "people_targeted", "delivery_places"]
    table = contracts.set_index("contract_id")[told]
    table[told[2:]] = table[told[2:]].astype(float)
    jobs = outcome_types.loc[outcome_types["is_job"], "outcome_id"]
    is_entry = outcomes["outcome_id"].isin(jobs) & (outcomes["milestone"] == 0) & outcomes["quantity"].notna()
    counted = payments[payments["basis"].isin(counted_bases(edition.payment_bases))]
    paid = counted.pivot_table("amount_counted_gbp", "contract_id", "payer_kind", "sum")
    paid = paid.reindex(columns=list(PAYER_KINDS)).fillna(0.0).add_prefix("paid_")
    of_values = ["is_valued", "outcome_payments_gbp", "public_value_gbp"]
    return table.assign(
        is_begun=table.index.isin(begun_by(contracts, edition.cut_off)["contract_id"]),
        has_results=table.index.isin(outcomes["contract_id"]),
        **_names(organisations, table.index),
        into_work=outcomes[is_entry].groupby("contract_id")["quantity_counted"].sum(),
    ).join([values.set_index("contract_id")[of_values], investments(organisations), paid])


def _names(organisations: DataFrame[RawOrganisations], contracts: "pd.Index[str]") -> dict[str, "np.ndarray[Any, Any]"]:
    """For each role the contracts that name somebody in it, and no group."""
    of_one, groups = named(organisations), organisations[organisations["is_group"]]
    return {
        f"names_{role}": contracts.isin(of_one.loc[of_one["role"] == role, "contract_id"])
        & ~contracts.isin(groups.loc[groups["role"] == role, "contract_id"])
        for role in ORGANISATION_ROLES
    }


def _last_day(outcomes: DataFrame[OutcomesInScope], payments: DataFrame[PaymentsInScope]) -> date | None:
    """The last day of a result or a payment."""
    moved = payments.loc[payments["basis"].isin(MOVED), "period_end"]
    last = pd.concat([outcomes["period_end"], moved]).max()
    return None if pd.isna(last) else last.date()
