"""Sentences about a rebuilt study that its page and the letter to its authors share.

Belongs here: what the steps that put in published figures do, where they lead, and what an answer would leave.
``method.analysis.reconstruction`` works out the numbers.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from pipeline.method.analysis.bridge.terms import MARKET
from pipeline.report.rows import Row, as_rows
from pipeline.report.wording import per_pound, percent
from pipeline.tables.reading import OWN_STUDY, PUBLISHED_RATIO
from pipeline.tables.vocabulary import RATIOS

# The bands of an area are those that some reading gives: an answer outside all of them rules out the list itself.
ANOTHER_FIGURE = "another figure: our list of steps is then wrong"
# All middle settings are worked out, single other ones were tried; a test holds what is said of them.
AT_THE_ENDS = (
    "With settings at the ends of their ranges some readings come nearer, and for 2022 some come near. We have not "
    "tried all of these."
)
COUNTS = ("none", "one", "two", "three", "four", "five")
VALUES = {"bcr": "public value", "fiscal_bcr": "fiscal value"}


def said_of_plugs(terms: pd.DataFrame, reconciliation: pd.DataFrame, study: str) -> list[str]:
    """Return what each step does that puts in a published figure, a clause each, in their order.

    ``terms``: table ``reconstruction`` of an edition; ``reconciliation``: its published figures; ``study``: its study.
    """
    market = terms[(terms["scope"] == MARKET) & (terms["measure"] == "bcr") & terms["is_plug"]]
    figures = reconciliation.drop_duplicates("figure_id").set_index("figure_id")
    return [_said_of_plug(row, figures, study) for row in as_rows(market.sort_values("step_order"))]


def _said_of_plug(row: Row, figures: pd.DataFrame, study: str) -> str:
    if row["choice"] != PUBLISHED_RATIO:
        return f"{_deadweight(row['setting'])}: {_moved_by_deadweight(row['term'])}"
    if row["setting"] == OWN_STUDY:
        return (
            f"the published ratios of {study} for contracts with payments that we cannot value, and for payments in "
            "the study that are not public"
        )
    figure = figures.loc[row["setting"]]
    other = figure["published_edition"]
    of = ", a figure of the earlier study" if other != study else ""
    areas = str(figure["scope"]).replace("_", " ").replace("+", " and ")
    return (
        f"the published ratio of {other} ({figure['published']:g}{of}) for public value in {areas}, even for contracts "
        "that we value ourselves; fiscal value stays the same"
    )


def _deadweight(setting: str) -> str:
    return f"one rate of deadweight for all ({percent(float(setting))})"


def _moved_by_deadweight(term: float) -> str:
    if not term:
        return "it changes no ratio here, because nothing is taken off"
    more_or_less, way = ("less", "raises") if term > 0 else ("more", "lowers")
    return f"it takes off {more_or_less} than our rates, so it {way} the ratio"


def said_of_the_way(market: Mapping[str, Row]) -> str:
    """Return where what is put in leads; ``market``: by ratio, ``explained``, ``end`` and ``published``."""
    return ", and ".join(
        f"{VALUES[name]} from {per_pound(row['explained'])} {'up' if row['end'] > row['explained'] else 'down'} "
        f"to {per_pound(row['end'])}, {_way(row)} the published "
        f"{per_pound(row['published'])}"
        for name, row in ((name, market[name]) for name in RATIOS)
    )


def _way(row: Row) -> str:
    before, after = (row[name] - row["published"] for name in ("explained", "end"))
    if before * after < 0:
        return "past"
    if abs(after) == abs(before):
        return "as far as before from"
    return "nearer to" if abs(after) < abs(before) else "further from"


def said_of_what_remains(row: Row, name: str) -> str:
    """Return what remains of a ratio before anything is put in and after all steps: published less ours."""
    first, last = (row["published"] - row[end] for end in ("explained", "end"))
    said = f"{VALUES[name]} is {_apart(first)} before any published figure is put in"
    return f"{said}, and {_apart(last)} after all steps"


def _apart(left: float) -> str:
    if f"{abs(left):.2f}" == "0.00":
        return "the published one"
    return f"{per_pound(abs(left))} {'below' if left > 0 else 'above'} the published one"


def said_of_the_settled(made: Iterable[str], not_made: Iterable[str]) -> str:
    """Return what all readings that an answer leaves have, and what none has, by the names of steps; empty if none."""
    have, lack = "; ".join(made), "; ".join(not_made)
    parts = []
    if have:
        parts.append(f"All readings left would then have: {have}.")
    if lack:
        parts.append(f"{'None' if have else 'None of the readings left'} would have: {lack}.")
    return " ".join(parts)


def said_of_the_average(asked: int, last: Row) -> str:
    """Return how many readings would be left once all is answered; ``last``: an answer to the last question."""
    about = f"{last['expected_left']:,.0f}" if last["expected_left"] >= 1.5 else "one"
    all_ = f"all {COUNTS[asked]}" if asked > 1 else "it"
    return f"If {all_} were answered, about {about} of the {last['readings']:,} readings would be left on average."
