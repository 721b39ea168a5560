"""The result of a published study rebuilt step by step, beside what was published.

Belongs here: the terms of the steps with their ranges, what remains, and which published figures no step has used. How
an edition with other choices is valued stands in ``valuing``, how terms are worked out in ``analysis.bridge.terms``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.bridge.terms import (
    MARKET,
    MEASURES,
    RATIOS,
    Sums,
    sums_of,
    table_of,
)
from pipeline.method.analysis.reconstruction.valuing import NOT_PUBLIC, Valuer, after, put_in
from pipeline.tables.analysis import ReconstructionTerms
from pipeline.tables.reading import FIGURES_APART, PUBLISHED_RATIO, Reconstruction
from pipeline.tables.reference import PublishedFigures
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.vocabulary import POLICY_AREAS, RESTS_ON

# What published measures are called here.
OURS = {
    "bcr": "bcr",
    "fiscal_bcr": "fiscal_bcr",
    "public_value_gbp": "public_value_gbp",
    "fiscal_value_gbp": "fiscal_gbp",
    "saving_gbp": "fiscal_gbp",
}
# What a study calls so it does not call fiscal or public value: compared with fiscal value, and no test of it.
UNCLEAR = "saving_gbp"
# The first row of each scope and the last of those beside which something was published.
START, REMAINS = "edition", "remains"
TOLD = ["name", "choice", "setting", "rests_on", "is_plug"]
OF_STEP = ["step_id", "step_order", *TOLD]
OF_FIGURE = ["figure_id", "published", "value_qualifier", "is_test", "is_unclear"]
KEYS = ["scope_kind", "scope", "measure"]


@dataclass(frozen=True)
class Step:
    """A step with what the contracts come to after it, and with its low and its high setting in its place."""

    row: Any
    central: Sums
    low: Sums
    high: Sums


def in_order(reconstruction: DataFrame[Reconstruction]) -> list[Any]:
    """Return the steps in their order, each with an attribute for each column."""
    return list(reconstruction.sort_values("order").itertuples(index=False))


def valued_steps(
    edition: Edition, valuer: Valuer, reconstruction: DataFrame[Reconstruction], figures: DataFrame[PublishedFigures]
) -> tuple[list[str], Sums, list[Step]]:
    """Return the contracts, what they come to as the edition has it, and each step on top of those before it."""
    begin, study = valuer.contract_value(edition), edition.published_edition
    ids = sorted([*begin["contract_id"], NOT_PUBLIC])
    made: list[tuple[str, str]] = []
    put: list[str] = []

    def come_to(choices: Sequence[tuple[str, str]], put_ins: Sequence[str]) -> Sums:
        own = after(edition, choices)
        if not any(put_ins):
            return valuer.sums(own).placed(list(valuer.contracts), ids)
        value = valuer.contract_value(own)
        for setting in filter(None, put_ins):
            value = put_in(value, setting, figures, study)
        return sums_of(value, ids)

    found = []
    for row in in_order(reconstruction):
        settings = (row.setting, row.low_setting, row.high_setting)
        # What was put in stays in whatever is chosen afterwards.
        if row.choice == PUBLISHED_RATIO:
            tried = [come_to(made, [*put, setting]) for setting in settings]
            put.append(row.setting)
        else:
            tried = [come_to([*made, (row.choice, setting)], put) for setting in settings]
            made.append((row.choice, row.setting))
        found.append(Step(row, *tried))
    return ids, sums_of(begin, ids), found


def reconstruction_terms(
    edition: Edition,
    valuer: Valuer,
    reconstruction: DataFrame[Reconstruction],
    figures: DataFrame[PublishedFigures],
) -> DataFrame[ReconstructionTerms]:
    """Return what each step adds: one row per step, scope and measure; empty without a study or without a step.

    The first step is the edition as it is, the last what remains to the published figure, where there is one. Scopes
    are those of ``terms``, and areas that the study takes together. A step that leaves an area or a contract as it is
    has no row for it.
    """
    if not edition.published_edition or reconstruction.empty:
        return typed(ReconstructionTerms, ReconstructionTerms.empty())
    ids, begin, steps = valued_steps(edition, valuer, reconstruction, figures)
    published = _published(figures, edition.published_edition, reconstruction)
    together = [scope for scope in dict.fromkeys(published["scope"]) if "+" in scope]
    parts = [_terms(begin, steps, ids), *(_terms(begin, steps, ids, scope) for scope in together)]
    table = pd.concat(parts, ignore_index=True)
    table = table.merge(published, on=["scope", "measure"], how="left").sort_values("step_order", kind="stable")
    last = table.drop_duplicates(KEYS, keep="last")
    beside = last[last["published"].notna()]
    remains = beside.assign(
        step_id=REMAINS,
        step_order=table["step_order"].max() + 1,
        before=beside["after"],
        after=beside["published"],
        term=beside["published"] - beside["after"],
        low_term=np.nan,
        high_term=np.nan,
    )
    remains[["name", "choice", "setting", "rests_on"]] = ["what remains", "", "", ""]
    remains["is_plug"] = False
    table = pd.concat([table, remains], ignore_index=True)
    table[["figure_id", "value_qualifier"]] = table[["figure_id", "value_qualifier"]].fillna("")
    for flag in ("is_test", "is_unclear"):
        table[flag] = table[flag].fillna(False).astype(bool)
    order = {scope: place for place, scope in enumerate([MARKET, *POLICY_AREAS, *together, *ids])}
    table = table.assign(place=table["scope"].map(order), measured=table["measure"].map(list(MEASURES).index))
    table = table.sort_values(["place", "measured", "step_order"], kind="stable", ignore_index=True)
    return typed(
        ReconstructionTerms, table[[*OF_STEP, *KEYS, "before", "after", "term", "low_term", "high_term", *OF_FIGURE]]
    )


def _terms(begin: Sums, steps: Sequence[Step], ids: Sequence[str], together: str = "") -> pd.DataFrame:
    """Terms of all scopes, or of some areas together, with what each step is."""
    sums = [_of_areas(each, together) for each in (begin, *(step.central for step in steps))]
    names = [step.row.step_id for step in steps]
    terms = _of(names, sums, ids, together)
    named = _names(ids, together)
    measured = [each.by_scope[: len(named)] for each in sums]
    for end in ("low", "high"):
        moved = [
            _of_areas(getattr(step, end), together).by_scope[: len(named)] - before
            for before, step in zip(measured, steps, strict=False)
        ]
        table = pd.DataFrame(
            [(name, *scope, measure) for name in names for scope in named for measure in MEASURES],
            columns=["step", *KEYS],
        ).assign(**{f"{end}_term": np.concatenate([each.ravel() for each in moved])})
        terms = terms.merge(table, on=["step", *KEYS], how="left")
    is_sum = ~terms["measure"].isin(list(RATIOS))
    for end in ("low_term", "high_term"):
        terms[end] = terms[end].mask(is_sum, terms[end].round(2))
    rows = [
        {"step_id": step.row.step_id, "step_order": step.row.order, **{name: getattr(step.row, name) for name in TOLD}}
        for step in steps
    ]
    told = terms.rename(columns={"step": "step_id"}).merge(pd.DataFrame(rows), on="step_id")
    first = _start(sums[0], ids, together)
    return pd.concat([first[[*OF_STEP, *KEYS, "before", "after", "term"]], told], ignore_index=True)


def _start(sums: Sums, ids: Sequence[str], together: str) -> pd.DataFrame:
    """The edition as it is: every scope and measure, from which the steps lead on."""
    names = _names(ids, together)
    value = sums.by_scope[: len(names)]
    rows = [(*name, measure) for name in names for measure in MEASURES]
    table = pd.DataFrame(rows, columns=KEYS).assign(before=0.0, after=value.ravel(), term=value.ravel())
    table[["step_id", "name", "choice", "setting", "rests_on"]] = [START, "the edition as it is", "", "", ""]
    is_told = (table["scope_kind"] != "contract") | (table["after"] != 0)
    return table[is_told].assign(step_order=0, is_plug=False)


def _names(ids: Sequence[str], together: str) -> list[tuple[str, str]]:
    """The scopes of sums, in their order; of some areas together only these."""
    if together:
        return [("policy_areas", together)]
    return [(MARKET, MARKET), *(("policy_area", area) for area in POLICY_AREAS), *(("contract", id_) for id_ in ids)]


def _of(names: Sequence[str], sums: Sequence[Sums], ids: Sequence[str], together: str) -> pd.DataFrame:
    table = table_of(names, sums, ids)
    if together:
        table = table[table["scope_kind"] == MARKET].assign(scope_kind="policy_areas", scope=together)
    return table


def _of_areas(sums: Sums, together: str) -> Sums:
    """Sums of some areas alone, where these are named."""
    if not together:
        return sums
    places = [list(POLICY_AREAS).index(area) for area in together.split("+")]
    return Sums(sums.pence * np.isin(sums.areas, places)[:, None], sums.areas)


def _published(
    figures: DataFrame[PublishedFigures], study: str, reconstruction: DataFrame[Reconstruction]
) -> pd.DataFrame:
    """What the study says of market and areas, the first figure of each scope and measure.

    ``is_test``: no step has used it, and it is clear what it is of.
    """
    used = {figure for cell in reconstruction["figure_ids"] for figure in cell.split(FIGURES_APART)}
    known = {MARKET, *POLICY_AREAS}
    own = figures.assign(is_unclear=is_unclear(figures))
    own = own[(own["published_edition"] == study) & own["measure"].isin(list(OURS))]
    own = own[[set(scope.split("+")) <= known for scope in own["scope"]]]
    own = own.assign(measure=own["measure"].map(OURS)).drop_duplicates(["scope", "measure"])
    own = own.assign(is_test=~own["figure_id"].isin(used) & ~own["is_unclear"]).rename(columns={"value": "published"})
    return own[["scope", "measure", *OF_FIGURE]]


def is_unclear(figures: DataFrame[PublishedFigures]) -> "pd.Series[bool]":
    """Return of which figures the study does not say whether they are fiscal or public value.

    That is each sum that it calls a saving of an area, and each ratio that is made from one.
    """
    sums = set(figures.loc[figures["measure"] == UNCLEAR, "figure_id"])
    depends = figures["depends_on"].map(lambda cell: bool(sums & set(cell.split("+"))))
    return (figures["measure"] == UNCLEAR) | (figures["measure"].isin(["bcr", "fiscal_bcr"]) & depends)


def reached(terms: DataFrame[ReconstructionTerms]) -> pd.DataFrame:
    """Return how far the steps lead, with and without what is put in: one row per scope and measure.

    Columns: ``KEYS``, ``begin`` (the edition as it is), ``explained`` (after the steps that are no plugs), ``end``
    (after all), ``left`` (what then remains to the published figure without plugs), and ``OF_FIGURE``.
    """
    steps = terms[terms["step_id"] != REMAINS].sort_values("step_order", kind="stable")
    first = steps.drop_duplicates(KEYS).set_index(KEYS)
    without = steps[~steps["is_plug"]].drop_duplicates(KEYS, keep="last").set_index(KEYS)["after"]
    last = steps.drop_duplicates(KEYS, keep="last").set_index(KEYS)["after"]
    found = first[OF_FIGURE].assign(begin=first["after"], explained=without, end=last)
    return found.assign(left=found["published"] - found["explained"]).reset_index()


def resting(terms: DataFrame[ReconstructionTerms], scope: str = MARKET, measure: str = "bcr") -> pd.DataFrame:
    """Return how much of a measure the steps add by what they rest on: ``rests_on, term, steps``, without plugs."""
    own = terms[(terms["scope"] == scope) & (terms["measure"] == measure) & (terms["rests_on"] != "")]
    groups = own[~own["is_plug"]].groupby("rests_on", sort=False)["term"]
    found = groups.agg(term="sum", steps="size").reindex(list(RESTS_ON)).dropna()
    return found.rename_axis("rests_on").reset_index().astype({"steps": int})
