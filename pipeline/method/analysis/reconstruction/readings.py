"""All readings of a published study: every combination of the steps, at once.

Belongs here: the ratios of each combination, which come near the published ones, and what these have in common. A sum
over contracts is a sum of products, so all combinations are worked out as arrays; single ones agree to the penny with
the steps of the method (``valuing``), which a test holds.

The list of candidates decides all shares, so they are ours, and no chances.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.readings import ADDED_VALUES
from pipeline.method.analysis.reconstruction.lines import Bools, Floats, combinations
from pipeline.method.analysis.reconstruction.steps import in_order, is_unclear
from pipeline.method.analysis.reconstruction.valuing import Valuer, after, published_value
from pipeline.method.steps.added_values import levels_of
from pipeline.tables.analysis import ReadingCombinations, Readings
from pipeline.tables.reading import OWN_STUDY, PUBLISHED_RATIO, Reconstruction
from pipeline.tables.reference import PublishedFigures
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.valuation import ContractValue
from pipeline.tables.vocabulary import POLICY_AREAS, RATIOS

# How near a reading has to come to a published ratio.
NEAR = 0.1
PLACES = 4
FLOORS = ("more than", "at least")
MARKET = "market"


@dataclass(frozen=True)
class AllReadings:
    """Every combination of the steps that move anything; a step that does not would only double the count.

    ``steps``: all of them, in their order; ``made``: readings × steps, whether the reading makes the step; ``scopes``:
    market, policy areas and areas that the study takes together; ``public_gbp``, ``fiscal_gbp``, ``paid_gbp``:
    readings × scopes, of the contracts in the ratio; ``published``: what the study says of the market, by ratio;
    ``areas``: of each scope beside which it gives a clear ratio, that ratio and whether it is a floor.
    """

    steps: Sequence[Any]
    made: Bools
    scopes: Sequence[str]
    public_gbp: Floats
    fiscal_gbp: Floats
    paid_gbp: Floats
    published: dict[str, float]
    areas: dict[str, tuple[float, bool]]

    @cached_property
    def ratios(self) -> dict[str, Floats]:
        """Return both ratios of each reading and scope, readings × scopes; not a number where nothing was paid."""
        empty = np.full(self.paid_gbp.shape, np.nan)
        values = zip(RATIOS, (self.public_gbp, self.fiscal_gbp), strict=True)
        return {
            name: np.divide(value, self.paid_gbp, out=empty.copy(), where=self.paid_gbp > 0) for name, value in values
        }

    @cached_property
    def distance(self) -> Floats:
        """Return how far the farther of the two market ratios is from the published one, as a share of that."""
        return np.max([np.abs(self.ratios[name][:, 0] / self.published[name] - 1) for name in RATIOS], axis=0)

    @cached_property
    def is_near(self) -> Bools:
        """Return which readings come within a tenth of both published market ratios."""
        return self.distance <= NEAR

    @cached_property
    def fits_areas(self) -> Bools:
        """Return which of these come within a tenth of each published ratio of areas, or above one that is a floor."""
        fits = self.is_near.copy()
        for scope, (published, is_floor) in self.areas.items():
            share = self.ratios["bcr"][:, self.scopes.index(scope)] / published - 1
            fits &= (share >= -NEAR) & ((share <= NEAR) | is_floor)
        return fits

    @cached_property
    def has_plug(self) -> Bools:
        """Return which readings put in a published result."""
        return self.made @ np.array([step.is_plug for step in self.steps], dtype=bool)

    @cached_property
    def has_long_values(self) -> Bools:
        """Return which readings make a step of wellbeing or lifetime values."""
        return self.made @ np.array([step.holds != "" for step in self.steps], dtype=bool)


def all_readings(
    edition: Edition,
    valuer: Valuer,
    reconstruction: DataFrame[Reconstruction],
    figures: DataFrame[PublishedFigures],
) -> AllReadings | None:
    """Return every combination of the steps that move anything; None without a study with both ratios, or a step."""
    study = edition.published_edition
    published = {name: published_value(figures, study, name) for name in RATIOS}
    if not study or reconstruction.empty or any(ratio != ratio for ratio in published.values()):
        return None
    steps = in_order(reconstruction)
    areas = _areas(figures, study)
    contracts = _Contracts(valuer.contract_value(edition), [MARKET, *POLICY_AREAS, *areas])
    places = {kind: [n for n, step in enumerate(steps) if _kind(step) == kind] for kind in ("base", "added", "put")}
    found: list[list[Any]] = [[], [], [], []]  # made, public, fiscal, paid
    put_ins = {steps[n].setting: contracts.put_in(steps[n].setting, figures, study) for n in places["put"]}
    puts = list(product((False, True), repeat=len(places["put"])))
    for base_bits, bits, lines in _worked_out(edition, valuer, steps, places):
        for put_bits in puts:
            settings = [steps[n].setting for n, is_on in zip(places["put"], put_bits, strict=True) if is_on]
            sums = contracts.sums(*lines, [put_ins[setting] for setting in settings])
            of_all = np.zeros((len(bits), len(steps)), dtype=bool)
            of_all[:, places["base"]] = base_bits
            of_all[:, places["added"]] = bits
            of_all[:, places["put"]] = put_bits
            for rows, one in zip(found, (of_all, *sums), strict=True):
                rows.append(one)
    made, public, fiscal, paid = (np.concatenate(rows) for rows in found)
    kept = ~made[:, ~_moves(made, np.concatenate([public, fiscal, paid], axis=1))].any(axis=1)
    return AllReadings(steps, made[kept], contracts.scopes, public[kept], fiscal[kept], paid[kept], published, areas)


def _moves(made: Bools, sums: Floats) -> Bools:
    """Return which steps move a sum by a penny in any reading; ``made``: every combination of them, in any order."""
    bits = made @ (1 << np.arange(made.shape[1], dtype=np.int64))
    pence = np.rint(sums[np.argsort(bits)] * 100)
    number = np.arange(len(bits))
    found = []
    for n in range(made.shape[1]):
        without = number[number >> n & 1 == 0]
        found.append(bool((pence[without] != pence[without + (1 << n)]).any()))
    return np.array(found, dtype=bool)


def _kind(step: Any) -> str:
    return {ADDED_VALUES: "added", PUBLISHED_RATIO: "put"}.get(step.choice, "base")


def _areas(figures: DataFrame[PublishedFigures], study: str) -> dict[str, tuple[float, bool]]:
    """The ratios of areas that the study gives and that are clear, each with whether it is a floor."""
    own = figures[(figures["published_edition"] == study) & (figures["measure"] == "bcr") & ~is_unclear(figures)]
    return {
        row.scope: (float(row.value), any(word in row.value_qualifier for word in FLOORS))
        for row in own.drop_duplicates("scope").itertuples()
        if set(row.scope.split("+")) <= set(POLICY_AREAS)
    }


# --- Contracts ------------------------------------------------------------------------------------------------


class _Contracts:
    """The contracts in their order: payments, areas, and what scopes hold of them."""

    def __init__(self, contract_value: DataFrame[ContractValue], scopes: Sequence[str]) -> None:
        self.table = contract_value
        self.scopes = list(dict.fromkeys(scopes))
        real = contract_value["outcome_payments_real_gbp"].fillna(0.0).to_numpy(np.float64)
        cash = contract_value["outcome_payments_gbp"].fillna(0.0).to_numpy(np.float64)
        self.is_paid = (real > 0) & (cash > 0)
        self.paid = np.where(self.is_paid, real, 0.0)
        self.cash = cash
        area = contract_value["policy_area"]
        holds = [np.ones(len(area), bool) if s == MARKET else area.isin(s.split("+")) for s in self.scopes]
        # Contracts × scopes.
        self.holds = np.array(holds, dtype=np.float64).T

    def put_in(self, setting: str, figures: DataFrame[PublishedFigures], study: str) -> "_PutIn":
        """Return what a published ratio would put in, contract by contract."""
        if setting == OWN_STUDY:
            ratios = [published_value(figures, study, name) for name in RATIOS]
            beyond = round(published_value(figures, study, "outcome_payments_gbp") - float(self.cash.sum()), 2)
            more = [round(beyond * ratio, 2) for ratio in ratios] if beyond > 0 else [0.0, 0.0]
            values = [(self.paid * ratio).round(2) for ratio in ratios]
            return _PutIn(values[0], values[1], None, np.array([*more, max(beyond, 0.0)]))
        figure = figures.set_index("figure_id").loc[setting]
        parts = str(figure["scope"]).split("+")
        is_of = self.table["policy_area"].isin(parts) | self.table["contract_id"].isin(parts) | (parts == [MARKET])
        return _PutIn((self.paid * float(figure["value"])).round(2), None, is_of.to_numpy(), np.zeros(3))

    def sums(
        self, public: Floats, fiscal: Floats, is_valued: Bools, put_ins: "Sequence[_PutIn]"
    ) -> tuple[Floats, Floats, Floats]:
        """Return public value, fiscal value and payments of the contracts in the ratio: readings × scopes, in pounds.

        ``public``, ``fiscal``: readings × contracts; ``put_ins``: what is put in, in order.
        """
        is_in, beyond = is_valued & self.is_paid, np.zeros(3)
        for put in put_ins:
            # A ratio of some areas is put in for what is in the ratio, that of the study for what is not.
            is_of = ~is_in & self.is_paid if put.is_of is None else is_in & put.is_of
            public = np.where(is_of, put.public, public)
            fiscal = fiscal if put.fiscal is None else np.where(is_of, put.fiscal, fiscal)
            is_in, beyond = is_in | is_of, beyond + put.beyond
        sums = [np.where(is_in, value, 0.0) @ self.holds for value in (public, fiscal, self.paid)]
        for total, more in zip(sums, beyond, strict=True):
            total[:, self.scopes.index(MARKET)] += more
        return sums[0], sums[1], sums[2]


@dataclass(frozen=True)
class _PutIn:
    """What a published ratio puts in: value of each contract, of which it is (None: those not in the ratio).

    ``fiscal``: None where it stays; ``beyond``: public value, fiscal value and payments of no contract that is known.
    """

    public: Floats
    fiscal: Floats | None
    is_of: Bools | None
    beyond: Floats


# --- Combinations ---------------------------------------------------------------------------------------------


def _worked_out(
    edition: Edition,
    valuer: Valuer,
    steps: Sequence[Any],
    places: dict[str, list[int]],
) -> Iterator[tuple[tuple[bool, ...], Bools, tuple[Floats, Floats, Bools]]]:
    """Yield each combination of choices of the method with all combinations of added values.

    That is: which of the former are made; of the latter, readings × steps; public value, fiscal value and whether it is
    valued, each readings × contracts.
    """
    added = [of for n in places["added"] for of in levels_of([steps[n].setting]).items()]
    bits = combinations(len(added))
    replacing = [n for n, (group, _) in enumerate(added) if group in valuer.replacing]
    # Of all combinations of added values: which of those that take the place of others is it?
    cases = combinations(len(replacing))
    of_case = bits[:, replacing] @ (1 << np.arange(len(replacing), dtype=np.int64)[::-1])
    groups = [tuple(added[replacing[n]] for n in np.flatnonzero(case)) for case in cases]
    weights = bits.astype(np.float64)
    for base_bits in product((False, True), repeat=len(places["base"])):
        chosen = [(steps[n].choice, steps[n].setting) for n, on in zip(places["base"], base_bits, strict=True) if on]
        own = after(edition, chosen)
        of_list = valuer.of_list(own, groups)
        of_groups = np.array([valuer.of_groups(own, level)[group] for group, level in added]).reshape(
            len(added), 3, len(valuer.contracts)
        )
        public, fiscal, valued = (of_list[n][of_case] + weights @ of_groups[:, n] for n in range(3))
        yield base_bits, bits, (public.round(2), fiscal.round(2), valued > 0)


# --- Tables ---------------------------------------------------------------------------------------------------

WITHOUT, WITH = "without plugs", "with plugs"


def reading_combinations(found: AllReadings | None) -> DataFrame[ReadingCombinations]:
    """Return one row per reading: its steps, as bits of a number, both market ratios, and how near it comes."""
    if found is None:
        return typed(ReadingCombinations, ReadingCombinations.empty())
    bits = found.made @ (1 << np.arange(len(found.steps), dtype=np.int64))
    table = pd.DataFrame(
        {
            "reading": bits,
            # Four places are more than anybody reads, and half as many bytes as all of them.
            **{name: found.ratios[name][:, 0].round(PLACES) for name in RATIOS},
            "has_plug": found.has_plug,
            "is_near": found.is_near,
            "fits_areas": found.fits_areas,
        }
    )
    return typed(ReadingCombinations, table.sort_values("reading", ignore_index=True))


def readings(found: AllReadings | None) -> DataFrame[Readings]:
    """Return what all readings have in common: how many come near, which steps these make, the nearest of all.

    Rows: with and without plugs, each count (``combinations``, ``near``, ``fits_areas``), of each step the share of the
    near ones that make it, and three single readings: the nearest, the nearest without wellbeing or lifetime values,
    and of these the one of most public value.
    """
    if found is None:
        return typed(Readings, Readings.empty())
    rows: list[dict[str, Any]] = []
    for plugs, among in ((WITHOUT, ~found.has_plug), (WITH, np.ones(len(found.made), bool))):
        near, fits = among & found.is_near, among & found.fits_areas
        counts = {"combinations": among, "near": near, "fits_areas": fits}
        rows += [_counted(plugs, name, which, among) for name, which in counts.items()]
        for n, step in enumerate(found.steps):
            # A step that moves nothing is in no reading.
            if found.made[:, n].any() and (plugs == WITH or not step.is_plug):
                rows.append(
                    _counted(plugs, "near_with_step", near & found.made[:, n], near) | {"step_id": step.step_id}
                )
        short = among & ~found.has_long_values
        rows += [
            _single(found, plugs, "nearest", np.where(among, found.distance, np.inf)),
            _single(found, plugs, "nearest_without_long_values", np.where(short, found.distance, np.inf)),
            _single(found, plugs, "most_without_long_values", np.where(short, -found.ratios["bcr"][:, 0], np.inf)),
        ]
    return typed(Readings, pd.DataFrame(rows))


def _counted(plugs: str, measure: str, which: Bools, among: Bools) -> dict[str, Any]:
    number, of = int(which.sum()), int(among.sum())
    return _row(plugs, measure) | {"number": number, "share": number / of if of else np.nan}


def _single(found: AllReadings, plugs: str, measure: str, far: Floats) -> dict[str, Any]:
    place = int(np.argmin(far))
    made = [step.step_id for step, is_made in zip(found.steps, found.made[place], strict=True) if is_made]
    ratios = {name: float(found.ratios[name][place, 0]) for name in RATIOS}
    return _row(plugs, measure) | ratios | {"steps": "; ".join(made), "number": 1}


def _row(plugs: str, measure: str) -> dict[str, Any]:
    return {
        **{"plugs": plugs, "measure": measure, "step_id": "", "number": 0, "share": np.nan},
        **{"bcr": np.nan, "fiscal_bcr": np.nan, "steps": ""},
    }


def where_readings_lie(combinations: DataFrame[ReadingCombinations], published: Mapping[str, float]) -> pd.DataFrame:
    """Return how many readings without plugs lie where: one row per cell, a tenth of each published ratio wide.

    Columns: ``{ratio}_from`` and ``{ratio}_to`` of both ratios, ``readings``. Readings without a ratio lie nowhere.
    """
    own = combinations[~combinations["has_plug"]]
    cells = {name: np.floor(own[name].astype(float) / (NEAR * published[name])) for name in RATIOS}
    counts = pd.DataFrame(cells).dropna().value_counts().sort_index().rename("readings").reset_index()
    ends = {
        f"{name}_{end}": (counts[name] + more) * NEAR * published[name]
        for name in RATIOS
        for end, more in (("from", 0), ("to", 1))
    }
    return pd.DataFrame(ends).assign(readings=counts["readings"])
