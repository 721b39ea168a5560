"""An edition valued many times with some of its choices changed, by the steps of the method.

Belongs here: that each step runs once for the choices on which it depends, and what published results are put in for.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.readings import with_setting
from pipeline.method.analysis.bridge.terms import Sums, sums_of
from pipeline.method.steps.added_values import (
    CENTRAL,
    added_lines,
    is_replaced,
    levels_of,
    with_added,
    with_rates_of_readings,
)
from pipeline.method.steps.value import counting_ladder
from pipeline.method.valuation import STEPS, Step, Tables
from pipeline.tables.reading import OWN_STUDY, PUBLISHED_RATIO, ReadingValues
from pipeline.tables.reference import PublishedFigures
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.valuation import ContractValue, GrossValue
from pipeline.tables.vocabulary import READING_CHOICES

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
# What of a line its sums take, and which line of a group counts.
SUMMED = [
    *("contract_id", "outcome_id", "unit_cost_id", "is_counted", "overlap_group", "ladder", "units", "people"),
    *("kind", "is_transfer", "net_gbp"),
]
READ_BY_ADDED = ("outcomes_in_scope", "outcome_units", "reading_values", "wellbeing_scales", "gdp_deflators")
# A contract that stands for all of which nothing is public, in no policy area.
NOT_PUBLIC = "not_public"
# How published studies name what we call otherwise.
VALUE_OF_RATIO = {"bcr": "public_value_gbp", "fiscal_bcr": "fiscal_gbp"}


class Valuer:
    """Values an edition with choices changed; each step is run once for what it depends on.

    ``inputs``: the tables with which the steps begin.
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
        self._made: dict[tuple[Any, ...], dict[str, pd.DataFrame]] = {}

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

    def sums(self, edition: Edition, contract_ids: Sequence[str]) -> Sums:
        """Return what ``sums_of`` does of the value of each contract, without making a table of it.

        Payments are those of the edition with which the valuer began: no choice of a reading moves them.
        """
        of_edition = self._first(edition)
        index = pd.Index(contract_ids)
        lines = self._lines(edition)
        counts = lines["is_counted"].to_numpy(bool)
        if edition.set_asides != "none":
            counts = counts & self._is_largest(lines)
        is_transfer = lines["is_transfer"].to_numpy(bool) & (edition.transfers != "both")
        if edition.transfers == "neither":
            counts = counts & ~is_transfer
        lines, is_transfer = lines[counts], is_transfer[counts]
        places, net = index.get_indexer(lines["contract_id"]), lines["net_gbp"].to_numpy(np.float64)
        parts = (~is_transfer, (lines["kind"] == "fiscal").to_numpy(bool))
        values = [np.bincount(places, net * part, minlength=len(index)) for part in parts]
        has_people = np.bincount(places, (lines["people"] > 0).to_numpy(np.float64), minlength=len(index)) > 0
        known = sums_of(of_edition, contract_ids)
        is_paid = of_edition.set_index("contract_id").reindex(contract_ids)["outcome_payments_gbp"] > 0
        pence = np.column_stack([*(np.rint(value.round(2) * 100) for value in values), known.pence[:, 2]])
        is_in = has_people & is_paid.to_numpy() & (known.pence[:, 2] > 0)
        pence = pence.astype(np.int64)
        return Sums(np.concatenate([pence, np.where(is_in[:, None], pence, 0)], axis=1), known.areas)

    def _lines(self, edition: Edition) -> pd.DataFrame:
        """The net lines of an edition: those of the price list that none replaces, and those added.

        Of what is added each group is worked out once for each level, and not for each combination.
        """
        base = self.tables(replace(edition, added_values=()), "net_value")["net_value"][SUMMED]
        if not edition.added_values:
            return base
        levels = levels_of(edition.added_values)
        added = pd.concat([self._net_of_group(edition, *of) for of in levels.items()], ignore_index=True)
        kept = base[~is_replaced(typed(GrossValue, base), typed(GrossValue, added), self.reading_values)]
        return pd.concat([kept, added], ignore_index=True)

    def _net_of_group(self, edition: Edition, group: str, level: str) -> pd.DataFrame:
        named = replace(edition, added_values=self._groups)
        key = ("group", group, level, *(getattr(named, choice) for choice in DEPENDS_ON["net_value"]))
        if key not in self._made:
            lines = self.net_lines(edition, level)
            self._made[key] = {"": lines.loc[lines["unit_cost_id"].map(self.group_of) == group, SUMMED]}
        return self._made[key][""]

    @staticmethod
    def _is_largest(lines: pd.DataFrame) -> Any:
        """Which lines are of the ladder that counts in their overlap group, or of no group."""
        places = np.flatnonzero(((lines["overlap_group"] != "") & lines["is_counted"]).to_numpy(bool))
        grouped = lines.iloc[places]
        found = np.ones(len(lines), dtype=bool)
        found[places] = (grouped["ladder"] == counting_ladder(grouped)).to_numpy(bool)
        return found

    def _first(self, edition: Edition) -> DataFrame[ContractValue]:
        """The value of each contract under the first edition that was asked for, for its payments and areas."""
        if ("first",) not in self._made:
            self._made["first",] = {"": self.contract_value(edition)}
        return typed(ContractValue, self._made["first",][""])

    def net_lines(self, edition: Edition, level: str = CENTRAL) -> pd.DataFrame:
        """Return the net lines of all added values at a level, and of no price list, under the edition's choices."""
        named = replace(edition, added_values=self._groups)
        key = ("net", level, *(getattr(named, choice) for choice in DEPENDS_ON["net_value"]))
        if key not in self._made:
            self._made[key] = self._net_lines(named, level)
        return self._made[key]["net_value"]

    def _net_lines(self, edition: Edition, level: str) -> dict[str, pd.DataFrame]:
        net = next(step for step in NEEDED if step.name == "net_value")
        made = self.tables(replace(edition, added_values=()), "unit_values")
        lines = pd.concat(self._added(made, edition, level).values(), ignore_index=True)
        return net.run({**self._with_rates, "gross_value": lines}, edition=edition)

    @property
    def reading_values(self) -> DataFrame[ReadingValues]:
        """Return the values that may be added."""
        return typed(ReadingValues, self._inputs["reading_values"])

    @cached_property
    def group_of(self) -> dict[str, str]:
        """Return the group to which each added value belongs, by id."""
        values = self.reading_values
        return dict(zip(values["reading_value_id"], values["added_value"], strict=True))

    @cached_property
    def _groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.reading_values["added_value"]))

    def _of_step(self, step: Step, made: Tables, edition: Edition) -> dict[str, pd.DataFrame]:
        key = (step.name, *(getattr(edition, choice) for choice in DEPENDS_ON[step.name]))
        if key not in self._made:
            is_more = step.name == "gross_value" and edition.added_values
            run = self._with_added if is_more else self._run
            self._made[key] = run(step, made, edition)
        return self._made[key]

    def _run(self, step: Step, made: Tables, edition: Edition) -> dict[str, pd.DataFrame]:
        inputs = self._with_rates if edition.added_values else self._inputs
        return step.run({**inputs, **made}, edition=edition)

    def _with_added(self, step: Step, made: Tables, edition: Edition) -> dict[str, pd.DataFrame]:
        """What the step makes of added values; the lines of all of them are worked out once for each level."""
        lines = self._of_step(step, made, replace(edition, added_values=()))["gross_value"]
        levels = levels_of(edition.added_values)
        added = [self._added(made, edition, level)[group] for group, level in levels.items()]
        together = typed(GrossValue, pd.concat(added, ignore_index=True))
        return {"gross_value": with_added(typed(GrossValue, lines), together, self.reading_values)}

    def _added(self, made: Tables, edition: Edition, level: str) -> dict[str, pd.DataFrame]:
        """The lines of each group of added values at a level, by group."""
        key = ("added", level, *(getattr(edition, choice) for choice in DEPENDS_ON["outcome_units"]))
        if key not in self._made:
            words = tuple(group if level == CENTRAL else f"{group}:{level}" for group in self._groups)
            tables = {**self._inputs, **made}
            lines = added_lines(replace(edition, added_values=words), *(tables[name] for name in READ_BY_ADDED))
            groups = lines["unit_cost_id"].map(self.group_of)
            self._made[key] = {group: lines[groups == group] for group in self._groups}
        return self._made[key]


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
