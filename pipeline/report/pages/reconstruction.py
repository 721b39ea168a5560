"""The page ``reconstruction.html``: what would turn our figure into the one that a study published, step by step.

Belongs here: choosing what of the tables of the reading the page shows, and its charts. It is a reading of somebody
else's study, and says so; no number is worked out here.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.facts.readings import ADDED_VALUES
from pipeline.method.analysis.bridge.terms import MARKET
from pipeline.method.analysis.reconciliation import study_beside
from pipeline.method.analysis.reconstruction.readings import where_readings_lie
from pipeline.method.analysis.reconstruction.steps import REMAINS, START, reached, resting
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.readings import map_of_readings, near_readings
from pipeline.report.charts.theme import RATIOS_PER_POUND
from pipeline.report.charts.waterfall import Bar, waterfall
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.reading_words import (
    ANOTHER_FIGURE,
    AT_THE_ENDS,
    said_of_plugs,
    said_of_the_average,
    said_of_the_settled,
    said_of_the_way,
    said_of_what_remains,
)
from pipeline.report.rows import Row, as_rows, by_scope, grouped, with_none
from pipeline.report.wording import capital, per_pound, ratio_text
from pipeline.tables.vocabulary import RATIOS, RESTS_ON

PUT_IN = "put in, and so not explained"
STEP_BY_STEP = (
    "Each bar begins where the one before ends. The thin line shows where it would end at the low and the high setting "
    "of the step. Hollow bars put in what was published. In another order the steps would have other sizes."
)
FIGURE_IDS = {"bcr": "reading_public", "fiscal_bcr": "reading_fiscal"}


def is_due(made_from: Site) -> bool:
    """Tell whether there is anything to show: the edition reproduces a study, and there are steps that rebuild it."""
    return not made_from.tables["reconstruction"].empty


def figures(made_from: Site) -> list[Figure]:
    """Return the charts of the page, not yet drawn."""
    if not is_due(made_from):
        return []
    terms = made_from.tables["reconstruction"]
    names = dict(zip(terms["step_id"], terms["name"], strict=True))
    return [
        *(_waterfall(terms, measure, made_from.edition.edition) for measure in RATIOS),
        _map(made_from),
        near_readings(made_from.tables["readings"], names),
    ]


def _waterfall(terms: pd.DataFrame, measure: str, edition: str) -> Figure:
    """The steps of one ratio of the market, those that put something in drawn apart, and the published ratio."""
    own = as_rows(terms[(terms["scope"] == MARKET) & (terms["measure"] == measure)])
    bars = []
    for row in own:
        if row["step_id"] == START:
            bars.append(Bar(f"edition {edition}", row["after"]))
        elif row["step_id"] == REMAINS:
            bars.append(Bar("as published", row["after"]))
        else:
            bars.append(_bar(row))
    plugs = [n for n, row in enumerate(own) if row["is_plug"]]
    if plugs:
        bars.insert(plugs[0], Bar("what the steps explain", own[plugs[0]]["before"]))
    begin, end = (per_pound(own[place]["after"]) for place in (0, -1)) if own else ("", "")
    published = [("published", row["published"]) for row in own[:1] if row["published"] == row["published"]]
    reached_by = per_pound(own[plugs[0]]["before"]) if plugs else per_pound(own[-1]["before"]) if own else ""
    title = f"{capital(RATIOS_PER_POUND[measure])}: our steps take {begin} to {reached_by}; published is {end}"
    return waterfall(FIGURE_IDS[measure], title, STEP_BY_STEP, bars, ratio_text, apart=PUT_IN, marks=published)


def _map(made_from: Site) -> Figure:
    """Where all readings lie, those without plugs."""
    far = reached(made_from.tables["reconstruction"]).query("scope == @MARKET").set_index("measure")
    published = {name: float(far.loc[name, "published"]) for name in RATIOS}
    own = {name: float(far.loc[name, "begin"]) for name in RATIOS}
    return map_of_readings(where_readings_lie(made_from.tables["reading_combinations"], published), published, own)


def _bar(row: Row) -> Bar:
    low, high = (row["before"] + row[end] for end in ("low_term", "high_term"))
    has_range = low != high
    return Bar(
        row["name"],
        row["after"],
        row["before"],
        low if has_range else None,
        high if has_range else None,
        row["is_plug"],
    )


def render(made_from: Site) -> Files:
    """Return the page by its path; none for an edition that reproduces no study."""
    if not is_due(made_from):
        return {}
    tables, terms = made_from.tables, made_from.tables["reconstruction"]
    found, study = reached(terms), study_beside(made_from.edition, made_from.tables["reconciliation"])
    market = by_scope(with_none(found[found["scope"] == MARKET]))[MARKET]
    names = dict(zip(terms["step_id"], terms["name"], strict=True))
    asked = _asked(tables["questions"], names)
    steps = _steps(made_from)
    page = made_from.page(
        "reconstruction.html",
        "reconstruction",
        study=study,
        market=market,
        remains=[said_of_what_remains(market[name], name) for name in RATIOS],
        plugs=said_of_plugs(terms, tables["reconciliation"], study),
        way=said_of_the_way(market),
        steps=steps,
        values=[step for step in steps if step["values"]],
        unmoved=_unmoved(terms, tables["readings"]),
        at_the_ends=AT_THE_ENDS,
        resting=as_rows(resting(terms)),
        rests_on=RESTS_ON,
        areas=_areas(found),
        readings=_readings(made_from),
        names=names,
        asked=asked,
        another_figure=ANOTHER_FIGURE,
        average=said_of_the_average(len(asked), asked[-1][0]) if asked else "",
    )
    return {"reconstruction.html": page}


def _steps(made_from: Site) -> list[Row]:
    """The steps in their order, each with its terms of both ratios, its values, and all sources of these and of it."""
    terms, steps = made_from.tables["reconstruction"], made_from.reference.reconstruction
    market = terms[(terms["scope"] == MARKET) & ~terms["step_id"].isin([START, REMAINS])]
    of = by_scope(as_rows(market.assign(scope=market["step_id"])))
    values = made_from.reference.reading_values
    found = []
    for row in as_rows(steps.sort_values("order")):
        group = row["setting"].partition(":")[0] if row["choice"] == ADDED_VALUES else ""
        own = with_none(values[values["added_value"] == group])
        sources = list(dict.fromkeys([*(value["source_id"] for value in own), row["source_id"]]))
        found.append(row | {"terms": of.get(row["step_id"], {}), "values": own, "source_ids": sources})
    return found


def _unmoved(terms: pd.DataFrame, readings: pd.DataFrame) -> list[Row]:
    """Steps that are in no reading, since they move no sum of contracts with payments, each with why."""
    counted = set(readings.loc[readings["measure"] == "near_with_step", "step_id"])
    steps = terms[~terms["step_id"].isin([START, REMAINS, *counted])].drop_duplicates("step_id")
    adds = set(terms.loc[(terms["scope_kind"] == "contract") & (terms["term"] != 0), "step_id"])
    why = {True: "the contracts whose value it raises have no public payments", False: "it changes nothing here"}
    return [row | {"why": why[row["step_id"] in adds]} for row in as_rows(steps)]


def _asked(questions: pd.DataFrame, names: Mapping[str, str]) -> list[list[Row]]:
    """The answers to each question, each with what the readings that it leaves have in common."""

    def named(steps: str) -> list[str]:
        return [names[step] for step in steps.split("; ") if step]

    rows = [
        row | {"settled": said_of_the_settled(named(row["then_made"]), named(row["then_not_made"]))}
        for row in as_rows(questions)
    ]
    return list(grouped(rows, "question_order").values())


def _areas(found: pd.DataFrame) -> list[Row]:
    """What the study says of areas, beside where the steps lead without what is put in."""
    areas = found[found["scope_kind"].isin(["policy_area", "policy_areas"])]
    return with_none(areas[areas["published"].notna() | (areas["measure"] == "bcr") & (areas["begin"] > 0)])


def _readings(made_from: Site) -> dict[str, dict[str, Any]]:
    """Counts over all readings and single ones, with and without plugs; steps that no near reading does without."""
    table = made_from.tables["readings"]
    found: dict[str, dict[str, Any]] = {}
    for plugs, rows in table.groupby("plugs", sort=False):
        single = rows[rows["step_id"] == ""].set_index("measure")
        always = rows[(rows["measure"] == "near_with_step") & (rows["share"] == 1)]
        found[str(plugs)] = {
            **{str(measure): row for measure, row in zip(single.index, with_none(single), strict=True)},
            "always": always["step_id"].to_list(),
        }
    return found


PAGE = Page(
    "reconstruction.html", "The study rebuilt", render, figures, printed=("reconstruction.html",), is_due=is_due
)
