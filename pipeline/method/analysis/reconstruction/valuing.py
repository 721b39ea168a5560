"""An edition valued many times with some of its choices changed, by the steps of the method.

Belongs here: that each step runs once for the choices on which it depends, and what published results are put in for.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.readings import with_setting
from pipeline.method.analysis.bridge.terms import Sums, sums_of
from pipeline.method.analysis.reconstruction.lines import SUMMED, Bools, Floats, Lines
from pipeline.method.steps.added_values import (
    CENTRAL,
    added_lines,
    is_replaced,
    levels_of,
    with_added,
    with_rates_of_readings,
)
from pipeline.method.valuation import STEPS, Step, Tables
from pipeline.tables.reading import OWN_STUDY, PUBLISHED_RATIO, ReadingValues
from pipeline.tables.reference import PublishedFigures
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.valuation import ContractValue, GrossValue
from pipeline.tables.vocabulary import READING_CHOICES

T = TypeVar("T")

# Which choices that a reading can make a step depends on, itself or by the tables that it reads.
_LIST = ("value_set",)
_TIME = ("time_convention", "annual_rung")
_LINES = (*_LIST, *_TIME, "unit_value_level", "added_values")
_NET = (*_LINES, "deadweight_layer", "flat_deadweight")
_COUNTED = (*_NET, "set_asides", "transfers")
DEPENDS_ON = {
    "outcomes_in_scope": _LIST,
    "payments_in_scope": (),
    "outcome_units": (*_LIST, *_TIME),
    "unit_values": (*_LIST, "unit_value_level"),
    "gross_value": _LINES,
    "net_value": _NET,
    "valued_outcomes": _COUNTED,
    "contract_value": _COUNTED,
}
assert set(_COUNTED) | {PUBLISHED_RATIO} == set(READING_CHOICES)
NEEDED = tuple(step for step in STEPS if step.name in DEPENDS_ON)
READ_BY_ADDED = ("outcomes_in_scope", "outcome_units", "reading_values", "wellbeing_scales", "gdp_deflators")
# A contract that stands for all of which nothing is public, in no policy area.
NOT_PUBLIC = "not_public"
# Groups of added values, each with its level.
Added = tuple[tuple[str, str], ...]
# How published studies name what we call otherwise.
VALUE_OF_RATIO = {"bcr": "public_value_gbp", "fiscal_bcr": "fiscal_gbp"}


class Valuer:
    """Values an edition with choices changed; each step is run once for what it depends on.

    ``inputs``: the tables with which the steps begin; ``contracts``: their contracts, in the order of all sums.
    """

    def __init__(self, inputs: Tables) -> None:
        """Take what the steps begin with."""
        self._inputs = dict(inputs)
        values = inputs["reading_values"]
        # The rates of readings are put beside the others once, and not for each choice.
        self._with_rates = self._inputs | {
            "deadweight": with_rates_of_readings(inputs["deadweight"], values),
            "reading_values": values.assign(deadweight=float("nan")),
        }
        self.contracts = pd.Index(inputs["contracts"]["contract_id"])
        self._made: dict[tuple[Any, ...], Any] = {}

    def tables(self, edition: Edition, last: str = "contract_value") -> dict[str, pd.DataFrame]:
        """Return the tables of the steps up to ``last``, by name. Raises what the steps raise."""
        made: dict[str, pd.DataFrame] = {}
        for step in NEEDED:
            made |= self._of_step(step, made, edition)
            if step.name == last:
                break
        return made

    def contract_value(self, edition: Edition) -> DataFrame[ContractValue]:
        """Return the value of each contract."""
        return typed(ContractValue, self.tables(edition)["contract_value"])

    def sums(self, edition: Edition) -> Sums:
        """Return what ``sums_of`` does of the value of each of ``contracts``, without making a table of it.

        Payments are those of the edition with which the valuer began: no choice of a reading moves them.
        """
        known, is_paid = self._known(edition)
        added = tuple(levels_of(edition.added_values).items())
        value = self.of_list(edition, [added])[:, 0]
        for group, level in added:
            value = value + self.of_groups(edition, level)[group]
        public, fiscal, valued = value
        pence = [np.rint(each.round(2) * 100).astype(np.int64) for each in (public, fiscal)]
        whole = np.column_stack([*pence, known.pence[:, 2]])
        is_in = (valued > 0) & is_paid
        return Sums(np.concatenate([whole, np.where(is_in[:, None], whole, 0)], axis=1), known.areas)

    def of_list(self, edition: Edition, cases: Sequence[Added]) -> Floats:
        """Return what the lines of the price list come to, beside added values that take the place of some of them.

        As ``Lines.by_contract``: 3 × cases × contracts.
        """

        def counts() -> Bools:
            present = np.array([self._without(edition, added) for added in cases])
            return present if edition.set_asides == "none" else lines.without_overlaps(present)

        lines = self._lines_of_list(edition)
        key = ("counts", *_net_key(edition), edition.set_asides, tuple(cases))
        return lines.by_contract(self._once(key, counts), edition.transfers)

    def of_groups(self, edition: Edition, level: str) -> dict[str, Floats]:
        """Return what each group of added values comes to at a level: as ``Lines.by_contract``, 3 × contracts."""

        def sums() -> dict[str, Floats]:
            lines = self._added_lines(edition, level)
            counts = self._is_of(self._groups, lines.table)
            return dict(zip(self._groups, lines.by_contract(counts, edition.transfers).swapaxes(0, 1), strict=True))

        return self._once(("groups", *_net_key(edition), level, edition.transfers), sums)

    @cached_property
    def replacing(self) -> frozenset[str]:
        """Return the groups of added values that take the place of others."""
        values = self.reading_values
        return frozenset(values.loc[values["is_instead"], "added_value"])

    def _lines_of_list(self, edition: Edition) -> Lines:
        """The net lines of the price list."""

        def lines() -> Lines:
            net = self.tables(replace(edition, added_values=()), "net_value")["net_value"]
            return Lines(net[SUMMED].reset_index(drop=True), self.contracts)

        return self._once(("list", *_net_key(edition)), lines)

    def _added_lines(self, edition: Edition, level: str) -> Lines:
        """The net lines of all added values at a level, under the choices of the edition."""

        def lines() -> Lines:
            made = self.tables(replace(edition, added_values=()), "unit_values")
            every = {**self._with_rates, "gross_value": self._added(made, edition, level)}
            (net,) = (step for step in NEEDED if step.name == "net_value")
            return Lines(net.run(every, edition=edition)["net_value"][SUMMED], self.contracts)

        return self._once(("added", *_net_key(edition), level), lines)

    def _without(self, edition: Edition, added: Added) -> Bools:
        """Which lines of the price list are there beside added values that take the place of some."""
        lines = self._lines_of_list(edition)
        there = lines.is_counted
        for group, level in added:
            if group in self.replacing:
                there = there & ~self._is_replaced(edition, group, level)
        return there

    def _is_replaced(self, edition: Edition, group: str, level: str) -> Bools:
        """Which lines of the price list a group of added values takes the place of."""

        def replaced() -> Bools:
            lines, instead = self._lines_of_list(edition).table, self._added_lines(edition, level).table
            instead = instead[self._is_of([group], instead)[0]]
            found = is_replaced(typed(GrossValue, lines), typed(GrossValue, instead), self.reading_values)
            return found.to_numpy(bool)

        return self._once(("replaced", *_net_key(edition), group, level), replaced)

    def _is_of(self, groups: Sequence[str], lines: pd.DataFrame) -> Bools:
        """Which lines of added values are of each group: groups × lines."""
        values = self.reading_values
        group_of = dict(zip(values["reading_value_id"], values["added_value"], strict=True))
        known = np.array([group_of[value] for value in lines["unit_cost_id"]], dtype=object)
        return np.array([known == group for group in groups], dtype=bool).reshape(len(groups), len(lines))

    def _known(self, edition: Edition) -> tuple[Sums, Bools]:
        """The sums of the first edition that was asked for, and which of its contracts are paid for."""

        def known() -> tuple[Sums, Bools]:
            table = self.contract_value(edition)
            cash = table.set_index("contract_id")["outcome_payments_gbp"].reindex(self.contracts)
            sums = sums_of(table, list(self.contracts))
            return sums, (cash > 0).to_numpy(bool) & (sums.pence[:, 2] > 0)

        return self._once(("known",), known)

    @property
    def reading_values(self) -> DataFrame[ReadingValues]:
        """Return the values that may be added."""
        return typed(ReadingValues, self._inputs["reading_values"])

    @cached_property
    def _groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.reading_values["added_value"]))

    def _of_step(self, step: Step, made: Tables, edition: Edition) -> dict[str, pd.DataFrame]:
        is_more = step.name == "gross_value" and edition.added_values
        run = self._with_added if is_more else self._run
        key = (step.name, *(getattr(edition, choice) for choice in DEPENDS_ON[step.name]))
        return self._once(key, lambda: run(step, made, edition))

    def _run(self, step: Step, made: Tables, edition: Edition) -> dict[str, pd.DataFrame]:
        inputs = self._with_rates if edition.added_values else self._inputs
        return step.run({**inputs, **made}, edition=edition)

    def _with_added(self, step: Step, made: Tables, edition: Edition) -> dict[str, pd.DataFrame]:
        """What the step makes of added values; the lines of all of them are worked out once for each level."""
        lines = self._of_step(step, made, replace(edition, added_values=()))["gross_value"]
        levels = levels_of(edition.added_values)
        added = []
        for group, level in levels.items():
            every = self._added(made, edition, level)
            added.append(every[self._is_of([group], every)[0]])
        together = typed(GrossValue, pd.concat(added, ignore_index=True))
        return {"gross_value": with_added(typed(GrossValue, lines), together, self.reading_values)}

    def _added(self, made: Tables, edition: Edition, level: str) -> DataFrame[GrossValue]:
        """The lines of all added values at a level."""

        def lines() -> DataFrame[GrossValue]:
            words = tuple(group if level == CENTRAL else f"{group}:{level}" for group in self._groups)
            tables = {**self._inputs, **made}
            return added_lines(replace(edition, added_values=words), *(tables[name] for name in READ_BY_ADDED))

        return self._once((level, *(getattr(edition, choice) for choice in DEPENDS_ON["outcome_units"])), lines)

    def _once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return what is made for a key, which says all that it depends on."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found


def _net_key(edition: Edition) -> tuple[Any, ...]:
    """What net lines depend on, whichever values are added."""
    return tuple(getattr(edition, choice) for choice in DEPENDS_ON["net_value"] if choice != "added_values")


def after(edition: Edition, steps: Sequence[tuple[str, str]]) -> Edition:
    """Return the edition after some choices with their settings, each on top of those before it."""
    for choice, setting in steps:
        edition = with_setting(edition, choice, setting)
    return replace(edition, edition=f"{edition.edition}-reading") if steps else edition


def published_value(figures: DataFrame[PublishedFigures], study: str, measure: str) -> float:
    """Return what a study says of the market, not a number where it says nothing."""
    found = figures[
        (figures["published_edition"] == study) & (figures["scope"] == "market") & (figures["measure"] == measure)
    ]
    return float(found["value"].iloc[0]) if len(found) else float("nan")


def put_in(
    contract_value: DataFrame[ContractValue], setting: str, figures: DataFrame[PublishedFigures], study: str
) -> DataFrame[ContractValue]:
    """Return the value of contracts with a published ratio in place of what was worked out.

    ``setting``: a figure, whose ratio all contracts of its areas get that are in the ratio; or ``own_study``: the
    ratios of the study, for contracts with payments and no ratio and, as one more (``NOT_PUBLIC``), for what the study
    counts of payments beyond those that are public. Real payments stand for what it divided by.
    """
    if setting == OWN_STUDY:
        return _rest_put_in(contract_value, figures, study)
    figure = figures.set_index("figure_id").loc[setting]
    parts = str(figure["scope"]).split("+")
    is_of = contract_value["is_in_bcr"]
    if parts != ["market"]:
        is_of = is_of & (contract_value["policy_area"].isin(parts) | contract_value["contract_id"].isin(parts))
    value = (contract_value["outcome_payments_real_gbp"] * float(figure["value"])).round(2)
    return typed(
        ContractValue,
        contract_value.assign(public_value_gbp=contract_value["public_value_gbp"].mask(is_of, value)),
    )


def _rest_put_in(
    contract_value: DataFrame[ContractValue], figures: DataFrame[PublishedFigures], study: str
) -> DataFrame[ContractValue]:
    ratios = {measure: published_value(figures, study, measure) for measure in VALUE_OF_RATIO}
    if any(ratio != ratio for ratio in ratios.values()):
        return contract_value
    paid = contract_value["outcome_payments_real_gbp"]
    is_rest = ~contract_value["is_in_bcr"] & (contract_value["outcome_payments_gbp"] > 0) & (paid > 0)
    values = {
        value: contract_value[value].mask(is_rest, (paid * ratios[measure]).round(2))
        for measure, value in VALUE_OF_RATIO.items()
    }
    filled = contract_value.assign(is_in_bcr=contract_value["is_in_bcr"] | is_rest, **values)
    beyond = published_value(figures, study, "outcome_payments_gbp") - contract_value["outcome_payments_gbp"].sum()
    if not beyond > 0:
        return typed(ContractValue, filled)
    row = {
        **{"contract_id": NOT_PUBLIC, "name": "contracts of which nothing is public", "policy_area": None},
        **{"is_valued": True, "is_in_bcr": True, "is_estimated": False},
        **dict.fromkeys(("outcome_payments_gbp", "outcome_payments_real_gbp"), round(beyond, 2)),
        **{value: round(beyond * ratios[measure], 2) for measure, value in VALUE_OF_RATIO.items()},
    }
    return typed(ContractValue, pd.concat([filled, pd.DataFrame([row])], ignore_index=True))
