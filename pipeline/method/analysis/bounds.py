"""Bounds for what is missing: reported only (low), and up to the maximum commitment (high).

Belongs here: what contracts without public outcomes or payments could add, each bound with its coverage. A contract in
the ratio stands in both bounds as the edition has it. No number of the headline comes from here.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.steps.prices import price_factors
from pipeline.method.steps.ratios import ratio
from pipeline.tables.analysis import Bounds
from pipeline.tables.dates import financial_year
from pipeline.tables.parameters import GdpDeflators
from pipeline.tables.raw import Contracts
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, PaymentsInScope

# Bases that no edition need count: a total that somebody else gives, and the most that may be paid.
TOTAL, MAXIMUM = "evaluation", "commitment"
PAID = "outcome_payments_real_gbp"
# Of each ratio the value, and how much of it has payments: that is what the ratio divides.
VALUES = {
    "bcr": ("public_value_gbp", "public_value_with_payments_gbp"),
    "fiscal_bcr": ("fiscal_gbp", "fiscal_with_payments_gbp"),
}
COUNTS = ["contracts", "contracts_with_payments", "contracts_with_value", "contracts_covered"]
MONEY = [PAID, *(column for columns in VALUES.values() for column in columns)]


def bounds(
    edition: Edition,
    contracts: DataFrame[Contracts],
    payments_in_scope: DataFrame[PaymentsInScope],
    contract_value: DataFrame[ContractValue],
    gdp_deflators: DataFrame[GdpDeflators],
) -> DataFrame[Bounds]:
    """Return two rows, low and high, for the market, each policy area and each contract that is not in the ratio.

    Columns: ``scope_kind, scope, bound``, those of ``COUNTS`` and ``MONEY``, ``coverage_share, bcr, fiscal_bcr``. All
    pounds are in the edition's prices.

    Low, reported only: the payments that the edition counts or, where there are none, the total of an evaluation or a
    project page; value from reported outcomes. High, for a contract that is not in the ratio: its maximum commitment if
    that is more, and where nothing is valued as much value for each pound as the market's own ratio says. A market
    without a ratio says nothing: then no value is imputed. A commitment counts whole, also what of it falls after a
    cut-off. A contract of which nothing is known adds nothing to either; pounds of which nothing is known are missing.

    A ratio covers the contracts with payments: one of them without value counts as worth nothing, value without
    payments stays out. So the high bound has the higher payments, and the higher value unless the market's ratio is
    negative. Its ratio is no upper limit: it can lie below that of the low bound and of the market, where commitments
    stand against value that had no payments.
    """
    others = payments_in_scope[payments_in_scope["basis"].isin([TOTAL, MAXIMUM])]
    real = real_amounts(others, contracts, gdp_deflators, edition.price_year)
    totals, maximum = (_added_up(others, real, basis, contract_value["contract_id"]) for basis in (TOTAL, MAXIMUM))
    low = _reported_only(contract_value, totals)
    high = _up_to_the_maximum(low, maximum)
    return _with_ratios(_by_scope(_matched(pd.concat([low.assign(bound="low"), high.assign(bound="high")]))))


def real_amounts(
    payments: DataFrame[PaymentsInScope],
    contracts: DataFrame[Contracts],
    gdp_deflators: DataFrame[GdpDeflators],
    price_year: str,
) -> npt.NDArray[np.float64]:
    """Return amounts in the edition's prices, also of commitments and totals whose period is not known as a whole.

    No source says of those in the data when they end, nor when the service did, but of all of them when they, or the
    service, began. So they are deflated from the financial year of that day, and come out a little high, by the rise in
    prices over half of their time. Where no such day is known, or no deflator for its year, cash stands as it is.
    """
    began = dict(zip(contracts["contract_id"].to_list(), contracts["service_start"].to_list(), strict=True))
    factors = price_factors(gdp_deflators, price_year).to_dict()
    real = payments["amount_real_gbp"].to_numpy(copy=True)
    without = np.isnan(real)
    rows = payments[without]
    starts = zip(rows["contract_id"].to_list(), rows["period_start"].to_list(), strict=True)
    days = [began.get(contract_id, pd.NaT) if pd.isna(start) else start for contract_id, start in starts]
    of_days = [1.0 if pd.isna(day) else factors.get(financial_year(day.date()), 1.0) for day in days]
    real[without] = (rows["amount_counted_gbp"].to_numpy() * np.array(of_days, dtype=np.float64)).round(2)
    return real


def _added_up(
    payments: DataFrame[PaymentsInScope], real: npt.NDArray[np.float64], basis: str, contract_ids: "pd.Series[str]"
) -> npt.NDArray[np.float64]:
    """Amounts of one basis by contract; 0 for a contract that has none."""
    places = pd.Index(contract_ids).get_indexer(payments["contract_id"])
    amounts = np.where(payments["basis"] == basis, real, 0.0)
    return np.bincount(places, amounts, minlength=len(contract_ids)).astype(np.float64).round(2)


def _reported_only(contract_values: DataFrame[ContractValue], totals: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Low bound, one row per contract: another's total only where the edition counts no payments."""
    paid = contract_values[PAID].to_numpy()
    return pd.DataFrame(
        {
            **{name: contract_values[name] for name in ("contract_id", "policy_area", "is_in_bcr")},
            **{whole: contract_values[whole] for whole, _ in VALUES.values()},
            PAID: np.where(paid > 0, paid, totals),
            "has_value": contract_values["is_valued"],
        }
    )


def _up_to_the_maximum(low: pd.DataFrame, maximum: npt.NDArray[np.float64]) -> pd.DataFrame:
    """High bound, one row per contract; those in the ratio stay as they are."""
    matched = low[low["is_in_bcr"]]
    paid = low[PAID].to_numpy()
    most = np.where(low["is_in_bcr"], paid, np.maximum(paid, maximum))
    is_imputed = ~low["has_value"] & (most > 0) & (not matched.empty)
    imputed = {
        whole: np.where(is_imputed, (most * ratio(matched[whole].sum(), matched[PAID].sum())).round(2), low[whole])
        for whole, _ in VALUES.values()
    }
    return low.assign(**{PAID: most}, **imputed, has_value=low["has_value"] | is_imputed)


def _matched(table: pd.DataFrame) -> pd.DataFrame:
    """Say of each contract in each bound what it has, and how much of its value has payments."""
    has_payments, has_value = (table[PAID] > 0).to_numpy(), table["has_value"].to_numpy()
    return table.assign(
        **{part: table[whole].to_numpy() * has_payments for whole, part in VALUES.values()},
        contracts=1,
        contracts_with_payments=has_payments.astype(int),
        contracts_with_value=has_value.astype(int),
        contracts_covered=(has_payments & has_value).astype(int),
    )


def _by_scope(table: pd.DataFrame) -> pd.DataFrame:
    """Sums over the market and the policy areas, and each contract that is not in the ratio; low before high."""
    table = table.sort_index(kind="stable")
    by_area = table["policy_area"].argsort(kind="stable").to_numpy()
    alone = np.flatnonzero(~table["is_in_bcr"])
    rows = table.iloc[np.concatenate([np.arange(len(table)), by_area, alone])]
    kinds = np.repeat(["market", "policy_area", "contract"], [len(table), len(table), len(alone)])
    scopes = np.select(
        [kinds == "market", kinds == "policy_area"], ["market", rows["policy_area"]], rows["contract_id"]
    )
    keys = [pd.Index(kinds, name="scope_kind"), pd.Index(scopes, name="scope"), pd.Index(rows["bound"])]
    return rows.groupby(keys, sort=False)[[*COUNTS, *MONEY]].sum().round(2).reset_index()


def _with_ratios(sums: pd.DataFrame) -> pd.DataFrame:
    ratios = {
        measure: [ratio(v, c) for v, c in zip(sums[part], sums[PAID], strict=True)]
        for measure, (_, part) in VALUES.items()
    }
    known = {PAID: sums["contracts_with_payments"] > 0}
    for whole, part in VALUES.values():
        known |= {whole: sums["contracts_with_value"] > 0, part: known[PAID]}
    shown = {name: sums[name].where(is_known | (sums[name] != 0)) for name, is_known in known.items()}
    return sums.assign(coverage_share=sums["contracts_covered"] / sums["contracts"], **shown, **ratios)
