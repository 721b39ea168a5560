"""The bridge from one result to another: terms by cause that add up to the move, and how far their order matters.

Belongs here: the order in which causes are taken, what stands within a cause, and what is left for the code. How
mixtures of two results are made and valued stands in ``mixtures``.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.bridge.causes import CAUSES, CODE, bit, mixtures_of, side_of
from pipeline.method.analysis.bridge.inputs import Inputs
from pipeline.method.analysis.bridge.mixtures import Mixtures
from pipeline.method.analysis.bridge.results import Result, result_of, result_of_valuation
from pipeline.method.analysis.bridge.terms import MARKET, MEASURES, RATIOS, Floats, Sums, is_told, sums_of, table_of
from pipeline.tables.analysis import Bridge
from pipeline.tables.claims import ClaimCounts
from pipeline.tables.parameters import (
    Deadweight,
    DiscountRates,
    GdpDeflators,
    HoursWeights,
    OptimismBias,
    OutcomeUnitCosts,
    UnitCosts,
)
from pipeline.tables.raw import Contracts, RawOutcomes, RawPayments
from pipeline.tables.reference import (
    STANDS_FOR,
    Corrections,
    EarlierPublications,
    MetricOutcomes,
    OutcomeTypes,
    PaidPerUnit,
)
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue
from pipeline.tables.vocabulary import POLICY_AREAS

COLUMNS = ["place", "cause", "detail", "scope_kind", "scope", "measure", "before", "after", "term", "least", "most"]
# Within the cause of unit costs: outcomes that a list begins or ceases to value, before any cost differs.
WHICH_ARE_VALUED = "which outcomes have a unit cost"


def bridges(
    edition: Edition,
    earlier: Mapping[str, Mapping[str, pd.DataFrame]],
    earlier_publications: DataFrame[EarlierPublications],
    contracts: DataFrame[Contracts],
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
    payments: DataFrame[RawPayments],
    contract_value: DataFrame[ContractValue],
    corrections: DataFrame[Corrections],
    metric_outcomes: DataFrame[MetricOutcomes],
    outcome_types: DataFrame[OutcomeTypes],
    paid_per_unit: DataFrame[PaidPerUnit],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
    unit_costs: DataFrame[UnitCosts],
    hours_weights: DataFrame[HoursWeights],
    gdp_deflators: DataFrame[GdpDeflators],
    discount_rates: DataFrame[DiscountRates],
    deadweight: DataFrame[Deadweight],
    optimism_bias: DataFrame[OptimismBias],
) -> DataFrame[Bridge]:
    """Return the bridges to an edition from the earlier publications that its report tells of, the latest last.

    ``earlier``: the tables that are kept of each, by its id. Columns: ``publication_id, from_edition`` and those of
    ``bridge``.
    """
    told = earlier_publications[earlier_publications["told_in"] == edition.edition]
    told = told.sort_values(["published_on", "publication_id"])
    tables: dict[str, pd.DataFrame] = {
        "contracts": contracts,
        "outcomes": outcomes,
        "claim_counts": claim_counts,
        "payments": payments,
        "contract_value": contract_value,
        "corrections": corrections,
        "metric_outcomes": metric_outcomes,
        "outcome_types": outcome_types,
        "paid_per_unit": paid_per_unit,
        "outcome_unit_costs": outcome_unit_costs,
        "unit_costs": unit_costs,
        "hours_weights": hours_weights,
        "gdp_deflators": gdp_deflators,
        "discount_rates": discount_rates,
        "deadweight": deadweight,
        "optimism_bias": optimism_bias,
    }
    now, found = result_of_valuation(edition, tables), []
    for publication, of_edition in zip(told["publication_id"], told["edition"], strict=True):
        before = result_of(earlier.get(publication, {}))
        if before is not None:
            table = bridge(before, now)
            found.append(table.assign(publication_id=publication, from_edition=of_edition))
    if not found:
        return Bridge.empty()
    return pd.concat(found, ignore_index=True)[["publication_id", "from_edition", *COLUMNS]]


def bridge(first: Result, second: Result, with_order: bool = True) -> pd.DataFrame:
    """Return the terms that lead from one result to another: ``COLUMNS``.

    One row per cause, scope and measure, and, with a ``detail``, one for each unit cost and each rate of deadweight
    within its cause. ``place``: of the cause in the order; ``before, after``: the measure before and after it, in the
    prices of each side or as a ratio. Rows without a detail sum to the move of each scope, pounds to the penny, and
    rows with one to their cause. ``least, most``: the least and the most that the cause would add, whichever of the
    others were taken before it; missing unless ``with_order``, and for ``code``, which is what the causes leave. A
    ratio has terms where there is one on both sides.
    """
    inputs = Inputs(first, second)
    ids = sorted({*inputs.contract_ids, *first.contract_value["contract_id"], *second.contract_value["contract_id"]})
    published = [sums_of(side.contract_value, ids) for side in (first, second)]
    if not inputs.can_be_valued:
        return _rows([CODE], published, ids, ends=published).assign(least=np.nan, most=np.nan)[COLUMNS]
    causes = inputs.active
    steps = [sum(bit(cause) for cause in causes[:number]) for number in range(len(causes) + 1)]
    mixtures = Mixtures(inputs, mixtures_of(causes) if with_order else steps)
    valued = _placed(mixtures, steps, ids, published)
    table = _rows([CODE, *causes, CODE], [published[0], *valued, published[1]], ids, ends=published)
    table = _with_details(table, mixtures, ids, published)
    order = _order(mixtures, ids, published) if with_order and causes else None
    return _with_order(_running(table), order)[COLUMNS]


ENDS = ((np.min, np.inf), (np.max, -np.inf))


def is_recorded(first: Result, second: Result) -> bool:
    """Tell whether both results were published with all that they were made from."""
    return not Inputs(first, second).not_recorded


def can_tell(first: Result, second: Result) -> bool:
    """Tell whether a bridge between two results can name causes: both were published whole and can be valued anew."""
    inputs = Inputs(first, second)
    return not inputs.not_recorded and inputs.can_be_valued


def _rows(steps: Sequence[str], sums: Sequence[Sums], ids: Sequence[str], ends: Sequence[Sums]) -> pd.DataFrame:
    """Terms by cause; those of the code, before the first mixture and after the last, are one."""
    table = table_of(steps, sums, ids, ends=ends).rename(columns={"step": "cause"})
    keys = ["cause", "scope_kind", "scope", "measure"]
    together = table.groupby(keys, as_index=False, sort=False).agg({"before": "first", "after": "last", "term": "sum"})
    places = {cause: place for place, cause in enumerate([*CAUSES, CODE])}
    is_sum = ~together["measure"].isin(list(RATIOS))
    together["term"] = together["term"].mask(is_sum, together["term"].round(2))
    return together.assign(place=together["cause"].map(places), detail="")


def _with_details(table: pd.DataFrame, mixtures: Mixtures, ids: Sequence[str], ends: Sequence[Sums]) -> pd.DataFrame:
    """The terms with those of each unit cost and of each rate of deadweight."""
    found = [table]
    for cause, names, sums in _details(mixtures, ids, ends):
        rows = table_of(names, sums, ids, ends=ends)
        rows = rows.rename(columns={"step": "detail"}).assign(cause=cause, place=list(CAUSES).index(cause))
        found.append(rows[rows["term"] != 0])
    return _with_sums(pd.concat(found, ignore_index=True))


def _with_sums(table: pd.DataFrame) -> pd.DataFrame:
    """The same with a row for the whole cause wherever there is one of its parts: parts may cancel each other."""
    keys = ["cause", "place", "scope_kind", "scope", "measure"]
    whole = pd.MultiIndex.from_frame(table.loc[table["detail"] == "", keys])
    parts = table[table["detail"] != ""].drop_duplicates(keys)
    without = parts[~pd.MultiIndex.from_frame(parts[keys]).isin(whole)]
    return pd.concat([table, without.assign(detail="", after=without["before"], term=0.0)], ignore_index=True)


def _placed(
    mixtures: Mixtures, asked: Sequence[int], ids: Sequence[str], ends: Sequence[Sums], **swapped: npt.NDArray[np.bool_]
) -> list[Sums]:
    """What mixtures come to, of all contracts; of one of which only the sum was kept, that sum.

    It is there, as it was published, until the contracts are those of the second result.
    """
    found = [each.placed(mixtures.inputs.contract_ids, ids) for each in mixtures.sums(asked, **swapped)]
    at = [place for place, contract in enumerate(ids) if contract.startswith(STANDS_FOR)]
    for mixture, sums in zip(asked, found, strict=True):
        published = ends[side_of(mixture, "contracts")]
        for place in at:
            sums.pence[place], sums.areas[place] = published.pence[place], published.areas[place]
    return found


def _details(
    mixtures: Mixtures, ids: Sequence[str], ends: Sequence[Sums]
) -> Iterator[tuple[str, list[str], list[Sums]]]:
    """Of causes that consist of many: the names of these, and the sums before the first and after each."""
    for cause in ("unit_costs", "deadweight"):
        if cause not in mixtures.inputs.active:
            continue
        before = sum(bit(each) for each in mixtures.inputs.active[: mixtures.inputs.active.index(cause)])
        if cause == "unit_costs":
            every, parts = mixtures.inputs.unit_cost_ids, mixtures.inputs.changed_unit_costs()
            names, at = [WHICH_ARE_VALUED, *parts], [every.index(part) for part in parts]
            # Which outcomes have a cost changes first, the cost of each after that.
            swapped = _one_after_the_other(len(every), at)
            after = _placed(mixtures, [before | bit(cause)] * len(swapped), ids, ends, unit_costs=swapped)
            sums = [*_placed(mixtures, [before], ids, ends), *after]
        else:
            rates, changed = mixtures.rate_ids, mixtures.changed_rates()
            names = [outcome + (f" ({contract})" if contract else "") for outcome, contract in changed]
            swapped = _one_after_the_other(len(rates), [rates.index(part) for part in changed])
            sums = _placed(mixtures, [before] * len(swapped), ids, ends, rates=swapped)
        yield cause, names, sums


def _one_after_the_other(number: int, places: Sequence[int]) -> npt.NDArray[np.bool_]:
    """None of ``number`` things, then one more in each row."""
    swapped = np.zeros((len(places) + 1, number), dtype=bool)
    for row, place in enumerate(places, start=1):
        swapped[row:, place] = True
    return swapped


def _running(table: pd.DataFrame) -> pd.DataFrame:
    """The terms in order, each with what stands before and after it when the code comes last."""
    table = table.sort_values(["place", "detail"], kind="stable", ignore_index=True)
    keys = ["scope_kind", "scope", "measure"]
    whole = table["detail"] == ""
    begins = table[whole].groupby(keys)["before"].first().rename("begins")
    is_code_first = table[whole & (table["cause"] == CODE)].set_index(keys)["before"]
    begins = is_code_first.reindex(begins.index).fillna(begins)
    summed = table["term"].where(whole, 0.0).groupby([table[key] for key in keys]).cumsum()
    start = table[keys].merge(begins.rename("begins").reset_index(), on=keys, how="left")["begins"].to_numpy()
    after = start + summed
    is_sum = ~table["measure"].isin(list(RATIOS))
    table.loc[whole, "after"] = after.mask(is_sum, after.round(2))[whole]
    before = table["after"] - table["term"]
    table.loc[whole, "before"] = before.mask(is_sum, before.round(2))[whole]
    return table


def _order(mixtures: Mixtures, ids: Sequence[str], ends: Sequence[Sums]) -> pd.DataFrame:
    """The least and the most that each cause adds, over all sets of the other causes taken before it."""
    causes = mixtures.inputs.active
    every = mixtures_of(causes)
    place = {mixture: number for number, mixture in enumerate(every)}
    measured = np.stack([_measured(each) for each in _placed(mixtures, every, ids, ends)])
    told = is_told(ends[0].by_scope, ends[1].by_scope)
    rows = []
    for cause in causes:
        without = [mixture for mixture in every if not mixture & bit(cause)]
        adds = measured[[place[m | bit(cause)] for m in without]] - measured[[place[m] for m in without]]
        known = told & ~np.isnan(adds).all(axis=0)
        least, most = (np.where(known, end(np.where(np.isnan(adds), fill, adds), axis=0), np.nan) for end, fill in ENDS)
        rows.append((cause, least, most))
    scopes = np.array([MARKET, *POLICY_AREAS, *ids])
    return pd.DataFrame(
        {
            "cause": np.repeat([cause for cause, *_ in rows], len(scopes) * len(MEASURES)),
            "scope": np.tile(np.repeat(scopes, len(MEASURES)), len(rows)),
            "measure": np.tile(MEASURES, len(rows) * len(scopes)),
            "least": np.concatenate([least.ravel() for _, least, _ in rows]),
            "most": np.concatenate([most.ravel() for _, _, most in rows]),
            "detail": "",
        }
    )


def _measured(sums: Sums) -> Floats:
    """Every measure of every scope; a ratio of nothing paid is missing."""
    measured = sums.by_scope.copy()
    for place, (_, paid) in enumerate(RATIOS.values(), start=len(MEASURES) - len(RATIOS)):
        measured[:, place] = np.where(measured[:, paid] > 0, measured[:, place], np.nan)
    return measured


def _with_order(table: pd.DataFrame, order: pd.DataFrame | None) -> pd.DataFrame:
    if order is None:
        return table.assign(least=np.nan, most=np.nan)
    joined = table.merge(order, on=["cause", "detail", "scope", "measure"], how="left", validate="one_to_one")
    is_sum = ~joined["measure"].isin(list(RATIOS))
    for end in ("least", "most"):
        joined[end] = joined[end].mask(is_sum, joined[end].round(2))
    return joined
