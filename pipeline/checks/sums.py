"""Checks of the sums: contracts, policy areas, the market.

Belongs here: each check with its view, a pure function of the tables that its parameters name. Which columns add up
is read off the model of what is published, not off the code that adds them up.
"""

import pandas as pd

from pipeline.checks.compare import counts, long, side_by_side
from pipeline.checks.suite import Check, Suite
from pipeline.facts.editions import Edition
from pipeline.tables.raw import Contracts, RawPayments
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, MarketValue, PaymentsInScope, PolicyAreaValue, ValuedOutcomes

_UNITS = {name: str(column.metadata["unit"]) for name, column in MarketValue.to_schema().columns.items()}
# Columns of areas and of the market that add up those of contracts.
COUNTS = [name for name, unit in _UNITS.items() if unit == "contracts"]
SUMS_OF_CONTRACTS = [name for name, unit in _UNITS.items() if unit == "contracts" or unit.startswith("GBP")]
# Of these the sums over the contracts in the ratio, with the column of a contract that each adds up.
IN_RATIO = {name: name.replace("_in_bcr_", "_") for name in SUMS_OF_CONTRACTS if "_in_bcr_" in name}


def contracts_kept(contract_value: DataFrame[ContractValue], contracts: DataFrame[Contracts]) -> pd.DataFrame:
    """Each contract: its rows among the values, one for each contract that is known."""
    return side_by_side(counts(contract_value, ["contract_id"]), counts(contracts, ["contract_id"]))


def value_of_contracts(
    contract_value: DataFrame[ContractValue], valued_outcomes: DataFrame[ValuedOutcomes]
) -> pd.DataFrame:
    """Each contract and kind of value: its sum beside that of its lines."""
    lines, key = valued_outcomes, ["contract_id"]
    public = lines[~lines["is_transfer"]]
    parts = {f"{kind}_gbp": lines.loc[lines["kind"] == kind] for kind in ("fiscal", "economic", "social")}
    parts |= {"transfers_gbp": lines[lines["is_transfer"]], "public_value_gbp": public}
    sums = {name: part.groupby(key)["net_gbp"].sum() for name, part in parts.items()}
    sums["gross_public_value_gbp"] = public.groupby(key)["gross_gbp"].sum()
    expected = pd.concat(sums, names=["measure"]).reorder_levels(["contract_id", "measure"])
    return side_by_side(long(contract_value, key, list(sums)), expected)


def payments_of_contracts(
    edition: Edition, contract_value: DataFrame[ContractValue], payments_in_scope: DataFrame[PaymentsInScope]
) -> pd.DataFrame:
    """Each contract: its payments, in cash and in real terms, beside the sum of the payments of the bases counted."""
    paid, key = payments_in_scope, ["contract_id"]
    paid = paid[paid["basis"].isin(edition.payment_bases) | _goes_back(paid, edition)]
    names = {"amount_counted_gbp": "outcome_payments_gbp", "amount_real_gbp": "outcome_payments_real_gbp"}
    summed = paid.groupby(key, as_index=False)[list(names)].sum().rename(columns=names)
    return side_by_side(*(long(table, key, list(names.values())) for table in (contract_value, summed)))


def _goes_back(payments: DataFrame[RawPayments], edition: Edition) -> "pd.Series[bool]":
    """Which rows are money that went back, where what was paid counts: then it counts too, whether named or not."""
    counts_what_was_paid = not {"paid", "reported"}.isdisjoint(edition.payment_bases)
    return (payments["basis"] == "returned") & counts_what_was_paid


def _to_add_up(contract_value: DataFrame[ContractValue]) -> pd.DataFrame:
    """Contracts with the counts and the sums over those in the ratio that areas and the market add up."""
    in_ratio = contract_value["is_in_bcr"]
    return contract_value.assign(
        contracts=1,
        contracts_valued=contract_value["is_valued"],
        contracts_with_payments=contract_value["outcome_payments_gbp"] > 0,
        contracts_in_bcr=in_ratio,
        **{name: contract_value[column].where(in_ratio, 0.0) for name, column in IN_RATIO.items()},
    )


def policy_areas_summed(
    policy_area_value: DataFrame[PolicyAreaValue], contract_value: DataFrame[ContractValue]
) -> pd.DataFrame:
    """Each policy area and measure: its sum beside that of its contracts."""
    key = ["policy_area"]
    contracts = long(_to_add_up(contract_value), key, SUMS_OF_CONTRACTS).groupby([*key, "measure"]).sum()
    return side_by_side(long(policy_area_value, key, SUMS_OF_CONTRACTS), contracts)


def market_summed(market_value: DataFrame[MarketValue], contract_value: DataFrame[ContractValue]) -> pd.DataFrame:
    """Each measure of the market: its sum beside that of all contracts."""
    contracts = long(_to_add_up(contract_value), [], SUMS_OF_CONTRACTS).groupby("measure").sum()
    return side_by_side(long(market_value, [], SUMS_OF_CONTRACTS), contracts)


OF_CONTRACTS = Suite(
    name="contracts",
    guards="Every contract is there once, with all of its value and all of its payments.",
    asset="contract_value",
    checks=(
        Check(
            name="every_contract_there_once",
            guards="a contract that is missing or there twice",
            of="contracts",
            keys=("contract_id",),
            view=contracts_kept,
            total_of="rows",
        ),
        Check(
            name="value_is_the_sum_of_its_lines",
            guards="value of a contract that no line explains",
            of="sums of contracts",
            keys=("contract_id", "measure"),
            view=value_of_contracts,
        ),
        Check(
            name="payments_are_the_sum_of_their_rows",
            guards="payments of a contract that no row shows",
            of="sums of contracts",
            keys=("contract_id", "measure"),
            view=payments_of_contracts,
        ),
    ),
)
OF_POLICY_AREAS = Suite(
    name="policy areas",
    guards="The areas add up to their contracts.",
    asset="policy_area_value",
    checks=(
        Check(
            name="areas_are_the_sum_of_their_contracts",
            guards="a contract in no area or in two",
            of="sums of areas",
            keys=("policy_area", "measure"),
            view=policy_areas_summed,
        ),
    ),
)
OF_THE_MARKET = Suite(
    name="market",
    guards="The market adds up to its contracts.",
    asset="market_value",
    checks=(
        Check(
            name="market_is_the_sum_of_contracts",
            guards="a headline that is not the sum of its parts",
            of="sums of the market",
            keys=("measure",),
            view=market_summed,
        ),
    ),
)
