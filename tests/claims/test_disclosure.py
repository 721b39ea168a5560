"""What is published of counts of claims, and what a reader can work out from it.

Belongs here: worked examples, laws, and attacks: by a reader who knows the policy and solves for the bounds of what is
withheld, and by one who also knows the rule and tries every table that could have led to what is published.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]

from pipeline.claims.disclosure import COLUMNS, KEY, DisclosurePolicy, protected_counts
from pipeline.tables.claims import ClaimCounts
from tests.conftest import part_of

Numbers = npt.NDArray[np.float64]
# People and quantity of each year.
Metric = Sequence[tuple[float, float]]
Publish = Callable[[pd.DataFrame, DisclosurePolicy], pd.DataFrame]

POLICY, UNROUNDED, NOTHING = DisclosurePolicy(), DisclosurePolicy(10, 1), DisclosurePolicy(0, 1)
POLICIES = [POLICY, UNROUNDED, DisclosurePolicy(5, 5), DisclosurePolicy(4, 2), DisclosurePolicy(3, 10)]
TYPES = dict.fromkeys([*KEY, "unit"], "str") | {"quantity": "float64", "people": "Int64"}
# Metrics of many people in all years, so that their contract has all years.
MANY = 1000.0


def persons(*counts: float) -> Metric:
    return [(count, count) for count in counts]


def counted(metrics: dict[str, Metric], unit: str = "person", contract_id: str = "C-1") -> pd.DataFrame:
    """The columns of ``ClaimCounts`` that matter here, from 2015-16 on; a year without people has no row."""
    rows = [
        (contract_id, metric_id, f"{2015 + year}-{16 + year}", unit, quantity, people)
        for metric_id, metric in metrics.items()
        for year, (people, quantity) in enumerate(metric)
        if people
    ]
    return pd.DataFrame(rows, columns=list(TYPES)).astype(TYPES)


def published(
    metric: Metric, policy: DisclosurePolicy = POLICY, unit: str = "person", publish: Publish = protected_counts
) -> tuple[list[float | None], list[float | None]]:
    """Quantities and totals published of one metric, each year; None where withheld."""
    counts = pd.concat([counted({"all": persons(*[MANY] * len(metric))}), counted({"one": metric}, unit)])
    table = publish(counts, policy).query("metric_id == 'one'")
    quantities, totals = (
        [None if np.isnan(number) else number for number in table[column]] for column in ("quantity", "total")
    )
    return quantities, totals


def only_small_ones_withheld(claim_counts: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    """What would be published if nothing were withheld for the sake of others: what the attacks must succeed on."""
    exact = protected_counts(claim_counts, NOTHING)
    base = policy.rounding
    for column, flag in (("quantity", "is_withheld"), ("total", "is_total_withheld")):
        exact[flag] = (exact[column] > 0) & (exact[column] < policy.threshold)
        exact[column] = (np.floor(exact[column] / base + 0.5) * base).mask(exact[flag])
    return exact


# --- Worked examples ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exact", "quantities", "totals"),
    [
        # Each rounded from the exact number: 12, 13, 17 and 12, 25, 42.
        ((12, 13, 17), [10, 15, 15], [10, 25, 40]),
        ((10, 11, 14), [10, 10, 15], [10, 20, 35]),
        # None is no secret, before the first and after the last.
        ((0, 30, 0), [0, 30, 0], [0, 30, 30]),
        # 3 is withheld; so is the year before, and the total between the two.
        ((20, 20, 3), [20, None, None], [20, None, 45]),
        ((20, 20, 3, 20), [20, None, None, 20], [20, None, 45, 65]),
        # None among few is one of the years that are taken together.
        ((20, 20, 0, 3), [20, None, None, None], [20, None, None, 45]),
        # Two years of few are enough for each other; with 9 and 9 it is not told that they are.
        ((20, 6, 6), [20, None, None], [20, None, 30]),
        ((9, 9), [None, None], [None, 20]),
        # The first year's total is small, so that the next cannot be shown beside the total of both.
        ((3, 20, 20), [None, None, 20], [None, 25, 45]),
        ((0, 3, 20), [0, None, None], [0, None, 25]),
        ((3, 0, 20), [None, None, None], [None, None, 25]),
        # Fewer than the threshold in all: nothing is shown.
        ((0, 3, 4, 0), [None] * 4, [None] * 4),
    ],
)
def test_people(exact: tuple[float, ...], quantities: list[float | None], totals: list[float | None]) -> None:
    assert published(persons(*exact)) == (quantities, totals)


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        (DisclosurePolicy(10, 5), [10, 10, 10, 15, 15, 15, 20]),
        (DisclosurePolicy(10, 1), [10, 11, 12, 13, 16, 17, 18]),
        (DisclosurePolicy(10, 2), [10, 12, 12, 14, 16, 18, 18]),
        (DisclosurePolicy(10, 10), [10, 10, 10, 10, 20, 20, 20]),
    ],
)
def test_rounding(policy: DisclosurePolicy, shown: list[float]) -> None:
    assert published(persons(10, 11, 12, 13, 16, 17, 18), policy)[0] == shown


def test_days_of_few_people_are_withheld_with_their_neighbours() -> None:
    days = [(2, 40), (30, 2000), (30, 2100), (9, 801)]
    assert published(days, unit="day") == ([None] * 4, [None, 2040, None, 4940])


def test_days_of_the_same_few_people_in_two_years_are_still_of_few() -> None:
    days = [(30, 2000), (30, 2100), (6, 500), (6, 600)]
    assert published(days, unit="day") == ([2000, None, None, None], [2000, None, None, 5200])
    assert published([(6, 500), (6, 600)], unit="day") == ([None, None], [None, None])


def test_few_events_are_withheld_whoever_is_behind_them() -> None:
    # With 10 people behind the second, 11 events would leave 1 for the first.
    assert published([(1, 1), (10, 10)], unit="incident") == ([None, None], [None, None])
    assert published([(1, 1), (18, 18)], unit="incident") == ([None, None], [None, 20])
    assert published([(12, 18)], unit="incident") == ([None], [None])


def test_pounds_keep_pence_unless_they_are_rounded() -> None:
    pounds = [(12, 40.1), (12, 40.2), (12, 42.2)]
    assert published(pounds, UNROUNDED, "pound") == ([40.1, 40.2, 42.2], [40.1, 80.3, 122.5])
    assert published(pounds, POLICY, "pound") == ([40, 40, 40], [40, 80, 125])


def test_each_metric_has_the_years_of_its_contract() -> None:
    one = counted({"early": persons(20, 20), "late": persons(0, 0, 0, 20)})
    two = counted({"early": persons(0, 20)}, contract_id="C-2")
    table = protected_counts(pd.concat([two, one]), POLICY)
    years = ["2015-16", "2016-17", "2017-18", "2018-19"]
    early, late = (list(itertools.product(["C-1"], [metric], years)) for metric in ("early", "late"))
    assert list(table[KEY].itertuples(index=False, name=None)) == [*early, *late, ("C-2", "early", "2016-17")]
    assert table["quantity"].tolist() == [20, 20, 0, 0, 0, 0, 0, 20, 20]
    assert table["total"].tolist() == [20, 40, 40, 40, 0, 0, 0, 20, 20]


def test_no_claims_leave_nothing_to_protect() -> None:
    table = protected_counts(ClaimCounts.empty(), POLICY)
    some = protected_counts(counted({"one": persons(20)}), POLICY)
    assert table.empty
    assert table.dtypes.to_dict() == some.dtypes.to_dict()
    assert list(table.columns) == COLUMNS


def test_two_rows_for_a_year_are_refused() -> None:
    counts = counted({"one": persons(20)})
    with pytest.raises(ValueError, match="not a one-to-one"):
        protected_counts(pd.concat([counts, counts]), POLICY)


@pytest.mark.parametrize(("threshold", "rounding"), [(-1, 5), (10, 0)])
def test_a_policy_that_cannot_be_meant_is_refused(threshold: int, rounding: int) -> None:
    with pytest.raises(ValueError, match=f"threshold {threshold} is below 0 or rounding {rounding} below 1"):
        DisclosurePolicy(threshold, rounding)


# --- Laws -----------------------------------------------------------------------------------------------------

few_or_many = st.integers(0, 14) | st.integers(0, 60)
person_years = few_or_many.map(lambda people: (people, people))
other_years = few_or_many.flatmap(lambda people: st.tuples(st.just(people), st.integers(people, people * 90)))


def metrics_of(years: st.SearchStrategy[tuple[int, int]]) -> st.SearchStrategy[dict[str, Metric]]:
    # Rows are as long as each other: shorter ones end in years without claims.
    rows = st.lists(years, min_size=1, max_size=7)
    return st.dictionaries(st.sampled_from(["a", "b", "c"]), rows, min_size=1)


tables = st.builds(
    lambda people, days: pd.concat([counted(people), counted(days, "day", "C-2")]),
    metrics_of(person_years),
    metrics_of(other_years),
)
policies = st.sampled_from(POLICIES)
few = settings(max_examples=part_of(20))


def with_exact(counts: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    """What is published, beside the exact numbers and the people known to be behind them."""
    table = protected_counts(counts, policy).merge(
        counts[[*KEY, "quantity", "people"]], on=KEY, how="left", suffixes=("", "_exact")
    )
    table = table.fillna({"quantity_exact": 0.0, "people": 0})
    by_metric = table.groupby(["contract_id", "metric_id"])
    people = by_metric["people"].cumsum().where(table["unit"] == "person", by_metric["people"].cummax())
    return table.assign(total_exact=by_metric["quantity_exact"].cumsum(), people_of_total=people)


@few
@given(tables, policies)
def test_nothing_of_few_people_is_shown(counts: pd.DataFrame, policy: DisclosurePolicy) -> None:
    table = with_exact(counts, policy)
    for people, shown in (("people", "quantity"), ("people_of_total", "total")):
        is_small = (table[people] > 0) & (table[people] < policy.threshold)
        assert table.loc[is_small, shown].isna().all()


@few
@given(tables, policies)
def test_what_is_shown_is_the_nearest_multiple(counts: pd.DataFrame, policy: DisclosurePolicy) -> None:
    table = with_exact(counts, policy)
    for column in ("quantity", "total"):
        shown = table.dropna(subset=column)
        assert (shown[column] % policy.rounding == 0).all()
        assert ((shown[column] - shown[f"{column}_exact"]).abs() <= policy.rounding / 2).all()


@few
@given(tables, policies)
def test_every_count_is_shown_or_said_to_be_withheld(counts: pd.DataFrame, policy: DisclosurePolicy) -> None:
    table = protected_counts(counts, policy)
    assert set(counts[KEY].itertuples(index=False)) <= set(table[KEY].itertuples(index=False))
    assert table["is_withheld"].equals(table["quantity"].isna())
    assert table["is_total_withheld"].equals(table["total"].isna())
    for contract_id, years in counts.groupby("contract_id")["financial_year"]:
        numbers = table[table["contract_id"] == contract_id].groupby("metric_id").size()
        assert (numbers == int(years.max()[:4]) - int(years.min()[:4]) + 1).all()


@few
@given(tables, policies, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(counts: pd.DataFrame, policy: DisclosurePolicy, chance: Any) -> None:
    order = list(range(len(counts)))
    chance.shuffle(order)
    pd.testing.assert_frame_equal(protected_counts(counts.iloc[order], policy), protected_counts(counts, policy))


@few
@given(tables, st.sampled_from([0, 1]))
def test_without_threshold_and_rounding_all_is_as_it_was(counts: pd.DataFrame, threshold: int) -> None:
    table = with_exact(counts, DisclosurePolicy(threshold, 1))
    assert table["quantity"].equals(table["quantity_exact"])
    assert table["total"].equals(table["total_exact"])


@few
@given(tables, policies)
def test_the_total_of_all_years_is_shown_unless_it_is_small(counts: pd.DataFrame, policy: DisclosurePolicy) -> None:
    last = with_exact(counts, policy).groupby(["contract_id", "metric_id"]).tail(1)
    is_small = last["people_of_total"] < policy.threshold
    is_small |= (last["unit"] != "person") & (last["total_exact"] <= 2 * (policy.threshold - 1))
    assert (last["is_total_withheld"] == (is_small & (last["total_exact"] > 0))).all()


# --- A reader who knows the policy and solves for what is withheld ----------------------------------------------


class Cell(NamedTuple):
    """A withheld number: which metric and year, whether a total, and the least and the most that it can be."""

    metric: int
    year: int
    is_total: bool
    least: float
    most: float

    def values(self) -> float:
        return self.most - self.least + 1


def told(shown: float, policy: DisclosurePolicy) -> tuple[float, float]:
    """What a shown whole number can stand for: none, or at least the threshold."""
    can_be = [
        number
        for number in range(int(shown) - policy.rounding, int(shown) + policy.rounding + 1)
        if np.floor(number / policy.rounding + 0.5) * policy.rounding == shown
        and (number == 0 or number >= policy.threshold)
    ]
    return min(can_be), max(can_be)


def solved(shown: Sequence[tuple[list[float | None], list[float | None]]], policy: DisclosurePolicy) -> list[Cell]:
    """Exact bounds of all withheld numbers of some metrics, each a later rung of the same ladder than the one before.

    The unknowns are the quantities of all years, whole numbers from 0 on.
    """
    years = len(shown[0][0])
    size = len(shown) * years
    rows, limits, cells = [], [], []
    for metric, year, is_total in itertools.product(range(len(shown)), range(years), (False, True)):
        row = np.zeros(size)
        row[metric * years + (0 if is_total else year) : metric * years + year + 1] = 1
        number = shown[metric][is_total][year]
        if number is None:
            cells.append((metric, year, is_total, row))
        else:
            rows.append(row)
            limits.append(told(number, policy))
        if is_total and metric:
            rows.append(np.roll(row, -years) - row)
            limits.append((0, np.inf))
    constraints = [LinearConstraint(np.array(rows), *np.array(limits).T)] if rows else []
    return [
        Cell(metric, year, is_total, _extreme(row, 1, constraints), _extreme(row, -1, constraints))
        for metric, year, is_total, row in cells
    ]


def _extreme(row: Numbers, sign: int, constraints: list[LinearConstraint]) -> float:
    """The least (sign 1) or most (sign -1) of a sum of the unknowns."""
    result = milp(sign * row, integrality=np.ones(len(row)), bounds=Bounds(0, np.inf), constraints=constraints)
    if result.x is None:
        # Unbounded: there is always a table, the true one.
        assert sign == -1, result.message
        return np.inf
    return round(sign * float(result.fun))


@pytest.mark.parametrize("policy", [POLICY, UNROUNDED])
def test_without_more_withheld_the_reader_solves_for_small_counts(policy: DisclosurePolicy) -> None:
    exact = persons(10, 11, 1, 11) if policy == POLICY else persons(20, 20, 3, 20)
    given_away = [cell for cell in solved([published(exact, policy, publish=only_small_ones_withheld)], policy)]
    assert given_away
    assert min(cell.values() for cell in given_away) < policy.threshold - 1
    if policy == UNROUNDED:
        assert [(cell.least, cell.most) for cell in given_away] == [(3, 3)]
    assert min(cell.values() for cell in solved([published(exact, policy)], policy)) >= policy.threshold - 1


@few
@given(st.lists(few_or_many, min_size=1, max_size=6).filter(any), policies)
def test_the_reader_cannot_narrow_counts_of_people(counts: list[int], policy: DisclosurePolicy) -> None:
    for cell in solved([published(persons(*counts), policy)], policy):
        exact = sum(counts[: cell.year + 1]) if cell.is_total else counts[cell.year]
        assert cell.least <= exact <= cell.most
        assert cell.values() >= max(policy.threshold - 1, exact / 2 if exact < policy.threshold else 0)


@few
@given(st.lists(other_years, min_size=1, max_size=6).filter(lambda metric: any(map(any, metric))), policies)
def test_the_reader_cannot_narrow_days(metric: list[tuple[int, int]], policy: DisclosurePolicy) -> None:
    for cell in solved([published(metric, policy, "day")], policy):
        people, days = zip(*metric, strict=True)
        exact = sum(days[: cell.year + 1]) if cell.is_total else days[cell.year]
        behind = max(people[: cell.year + 1]) if cell.is_total else people[cell.year]
        assert cell.least <= exact <= cell.most
        # Where only others make it necessary to withhold, less will do.
        assert cell.values() >= max(policy.threshold - 1, exact / 2 if behind < policy.threshold else 0)


# --- A reader who also knows the ladder -------------------------------------------------------------------------


@settings(max_examples=part_of(8))
@given(st.integers(0, 2**32 - 1), st.sampled_from([30, 100, 300]), st.sampled_from([0.5, 0.7, 0.85]))
def test_a_falling_ladder_gives_little_away(seed: int, cohort: int, kept: float) -> None:
    """Of those who reach a rung a share reach the next, some of them a year later."""
    chance = np.random.default_rng(seed)
    rungs = [chance.multinomial(cohort, chance.dirichlet([2, 2, 0.5, 0.2]))]
    for _ in range(3):
        reached = chance.binomial(rungs[-1], kept)
        late = chance.binomial(reached, [0.3, 0.3, 0.3, 0])
        rungs.append(reached - late + np.roll(late, 1))
    rungs = [rung for rung in rungs if rung.any()]
    cells = solved([published(persons(*map(float, rung))) for rung in rungs], POLICY)
    exact = {
        (metric, year, is_total): (rung.cumsum() if is_total else rung)[year]
        for metric, rung in enumerate(rungs)
        for year, is_total in itertools.product(range(4), (False, True))
    }
    for cell in cells:
        number = exact[cell.metric, cell.year, cell.is_total]
        assert cell.least <= number <= cell.most
        assert number >= POLICY.threshold or cell.values() >= POLICY.rounding


# --- A reader who knows the rule and tries all tables -----------------------------------------------------------


def parts(years: int, most: int) -> Iterator[tuple[int, ...]]:
    """All quantities of so many years that come to no more than ``most``."""
    if not years:
        yield ()
        return
    for first in range(most + 1):
        yield from ((first, *rest) for rest in parts(years - 1, most - first))


def fewest_values_left(metrics: Sequence[Metric], unit: str, policy: DisclosurePolicy, publish: Publish) -> int:
    """How many values a withheld number that may be small can take at least, over all that can be published.

    ``metrics``: all up to some total, so that all that share a shown last total are there if that is no more.
    """
    years, most = len(metrics[0]), max(sum(quantity for _, quantity in metric) for metric in metrics)
    named = {f"{number:06d}": metric for number, metric in enumerate(metrics)}
    counts = pd.concat([counted(named, unit), counted({"all": persons(*[MANY] * years)})])
    table = publish(counts, policy)
    table = table[table["metric_id"] != "all"].fillna(-1.0)
    shown = np.hstack([table[column].to_numpy().reshape(-1, years) for column in ("quantity", "total")])
    people, quantities = np.array([named[name] for name in table["metric_id"].unique()]).transpose(2, 0, 1)
    is_person = unit == "person"
    behind = np.hstack([people, people.cumsum(axis=1) if is_person else np.maximum.accumulate(people, axis=1)])
    exact = np.hstack([quantities, quantities.cumsum(axis=1)])
    # A withheld total of other units has no upper limit, that of persons has.
    is_whole = shown[:, -1] + policy.rounding / 2 <= most
    is_whole &= is_person | (shown[:, -1] >= 0)
    groups = pd.DataFrame(shown[is_whole]).groupby(list(range(2 * years))).ngroup()
    fewest = len(exact)
    for cell in range(2 * years):
        rows = pd.DataFrame({"group": groups, "exact": exact[is_whole, cell], "behind": behind[is_whole, cell]})
        rows = rows[shown[is_whole, cell] == -1]
        may_be_small = rows.loc[(rows["behind"] > 0) & (rows["behind"] < policy.threshold), "group"].unique()
        values = rows[rows["group"].isin(may_be_small)].groupby("group")["exact"].nunique()
        fewest = min(fewest, values.min())
    return fewest


@pytest.mark.parametrize(
    ("years", "most", "policy"),
    [
        (1, 20, POLICY),
        (2, 45, POLICY),
        (3, 28, POLICY),
        (2, 30, UNROUNDED),
        (3, 22, UNROUNDED),
        (3, 20, DisclosurePolicy(5, 5)),
        (4, 14, DisclosurePolicy(4, 2)),
        (5, 9, DisclosurePolicy(3, 1)),
    ],
)
def test_no_count_of_people_can_be_found_by_trying_all(years: int, most: int, policy: DisclosurePolicy) -> None:
    metrics = [persons(*counts) for counts in parts(years, most) if any(counts)]
    assert fewest_values_left(metrics, "person", policy, protected_counts) == policy.threshold - 1
    if years > 1:
        assert fewest_values_left(metrics, "person", policy, only_small_ones_withheld) == 1


@pytest.mark.parametrize(
    ("years", "most", "policy"),
    [(2, 14, DisclosurePolicy(4, 1)), (2, 14, DisclosurePolicy(4, 2)), (3, 9, DisclosurePolicy(3, 1))],
)
def test_no_count_of_days_can_be_found_by_trying_all(years: int, most: int, policy: DisclosurePolicy) -> None:
    metrics = [
        list(zip(people, days, strict=True))
        for days in parts(years, most)
        if any(days)
        for people in itertools.product(*[range(1, day + 1) if day else [0] for day in days])
    ]
    assert fewest_values_left(metrics, "day", policy, protected_counts) >= policy.threshold - 1
