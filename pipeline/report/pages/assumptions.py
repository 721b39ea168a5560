"""The page ``assumptions.html``: the assumptions behind the figures of an edition, and what others would make of it.

Belongs here: what of them matters most, and the choices of the edition, in order for a reader; its tables are put
together in ``assumption_rows``. Nothing is valued or judged here; what is said stands in the template beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.method.analysis.wellbeing_scales import values_of_a_point
from pipeline.method.steps.additionality import RATES_TRIED
from pipeline.method.steps.scope import counted_bases
from pipeline.method.steps.time_conventions import is_asked
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.report.pages.assumption_rows import (
    deflator_rows,
    grade_rows,
    mapped_rows,
    outcome_names,
    overlap_group_rows,
    overlap_rows,
    rate_rows,
    treatment_rows,
    unit_cost_rows,
    weak_metric_rows,
    weight_rows,
)
from pipeline.report.pages.assumption_words import (
    BASES,
    BIASES,
    DRAWN,
    GRADE_WORDS,
    LAYERS,
    MILESTONES,
    TIMES,
    TRANSFERS_COUNT,
    TREATED,
    WEAK,
)
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.pages.model import Model, as_script, model_of
from pipeline.report.pages.model_controls import scopes_of, sliders_by_group, switches_of
from pipeline.report.pages.model_sum import sliders_of
from pipeline.report.pages.resting_rows import heaviest_first, sums_of
from pipeline.report.ranges import ranges_of
from pipeline.report.rows import Row, as_rows, evidence_by_grade, names_of
from pipeline.report.wording import template
from pipeline.tables.vocabulary import (
    AGES,
    KINDS,
    UNIT_VALUE_LEVELS,
    UNITS,
)

# How many of the weakest assumptions, and of those that move the ratio most, stand first.
FIRST = 10
# What of an assumption is shown wherever it is named.
SHOWN = ("name", "anchor", "what", "is_money", "contract_id", "unit", "price_year")
# By how much an assumption must move the ratio to be seen in two places.
SEEN = 0.005
# A choice of table ``scenarios`` by the field of the edition that makes it, where the two have not one name.
SCENARIO_CHOICES = {"price_year": "price_base", "cut_off": "straddling"}


def render(made_from: Site) -> Files:
    """Return the page by its path."""
    tables, reference, edition = made_from.tables, made_from.reference, made_from.edition
    lines = made_from.lines
    unit_costs = unit_cost_rows(reference, lines, edition.unit_value_level)
    rates, weights = (rows(reference, lines) for rows in (rate_rows, weight_rows))
    mappings = mapped_rows(reference, lines)
    by_parameter = {row["parameter"]: row for row in (*unit_costs, *rates, *weights)}
    choices = _choices(edition, made_from.data["by_choice"])
    metrics = tables["reported_outcomes"].drop_duplicates(["contract_id", "metric_id"])
    model = model_of(edition, tables)
    sliders = sliders_of(model) if model else []
    page = made_from.page(
        "assumptions.html",
        "assumptions",
        controls=model and _controls(model, sliders, made_from),
        **sums_of(lines),
        sure=ranges_of(made_from.data),
        reviews=_reviews(made_from.data),
        switching=_switching(tables["switching_values"]),
        market=tables["market_value"].iloc[0].to_dict(),
        weakest=_weakest([*unit_costs, *rates, *weights, *mappings]),
        movers=_movers(tables["sensitivity"], by_parameter),
        evidence=evidence_by_grade(tables["evidence_quality"]),
        of_age=_of_age(tables["evidence_age"], by_parameter),
        choices=choices.values(),
        choice_of=choices.__getitem__,
        example=_example(lines, tables["contracts"], reference),
        unit_costs=unit_costs,
        rates=[rate | {"is_usable": rate["layer"] in RATES_TRIED[edition.deadweight_layer]} for rate in rates],
        without_rate=lines[lines["layer"] == ""].groupby("deadweight_layer")["public_gbp"].sum().to_dict(),
        weights=weights,
        scales=as_rows(values_of_a_point(reference.wellbeing_scales)),
        grades=grade_rows(metrics, lines),
        treatments=treatment_rows(metrics, lines),
        weak_mappings=weak_metric_rows(tables, reference),
        not_valued=as_rows(tables["not_valued"]),
        overlap_groups=overlap_group_rows(reference),
        overlaps=overlap_rows(tables),
        deflators=deflator_rows(reference, edition.price_year),
        discount_rates=as_rows(reference.discount_rates),
        optimism_bias=as_rows(reference.optimism_bias),
        sources=dict(zip(reference.sources["source_id"], reference.sources["title"], strict=True)),
        words=_words(),
    )
    if not model:
        return {"assumptions.html": page}
    script = template("pages/model.js").render()
    return {"assumptions.html": page, "assumptions-data.js": as_script(model, sliders), "model.js": script}


def _controls(model: Model, sliders: Sequence[str], made_from: Site) -> Row:
    """What the controls say with which a reader tries other assumptions."""
    return {
        "switches": switches_of(model, made_from.edition),
        "groups": sliders_by_group(model, sliders, made_from.tables),
        "scopes": scopes_of(model, made_from.tables),
    }


# --- What rests on each row -----------------------------------------------------------------------------------


def _weakest(rows: list[Row]) -> list[Row]:
    """The weak assumptions that carry most; they overlap, since each line rests on several."""
    carrying = (row for row in rows if row["grade"] == "weak" and row["public_gbp"])
    return heaviest_first(carrying)[:FIRST]


def _movers(sensitivity: pd.DataFrame, by_parameter: Mapping[str, Row]) -> list[Row]:
    """What moves the ratio furthest, each with its name and the place on the page where it stands."""
    public = sensitivity[(sensitivity["measure"] == "bcr") & (sensitivity["swing"] >= SEEN)]
    return [
        {"name": row["parameter_id"], "anchor": "", "what": row["kind"].replace("_", " "), "is_money": False}
        | {key: known[key] for key in SHOWN if key in known}
        | row
        for row in as_rows(public.head(FIRST))
        for known in [by_parameter.get(row["parameter_id"], {})]
    ]


def _reviews(data: Mapping[str, Any]) -> list[Row]:
    """When the evidence is to be looked at again, with how much of it there is then."""
    return [due | {"on": date.fromisoformat(on)} for on, due in data["evidence_age"]["reviews"].items()]


def _switching(table: pd.DataFrame) -> Row | None:
    """What would bring the market's ratio of public value to 1; None where there is none."""
    market = table[(table["scope_kind"] == "market") & (table["measure"] == "bcr") & table["ratio"].notna()]
    return as_rows(market)[0] if len(market) else None


def _of_age(table: pd.DataFrame, by_parameter: Mapping[str, Row]) -> dict[str, list[Row]]:
    """Unit costs by the age of their data, each with its name and the place on the page where it stands."""
    rows = as_rows(table[(table["kind"] == "unit_cost") & (table["public_value_gbp"] != 0)])
    unnamed = {"anchor": ""}
    named = [unnamed | {"name": row["parameter_id"]} | by_parameter.get(row["parameter_id"], {}) | row for row in rows]
    return {age: [row for row in named if row["age"] == age] for age in AGES}


# --- Choices --------------------------------------------------------------------------------------------------


def _choices(edition: Edition, by_choice: Mapping[str, Mapping[str, Row]]) -> dict[str, Row]:
    """The choices of an edition in words, each with the ratios under the other options, all else as it is."""
    cut_off = edition.cut_off.strftime("%-d %B %Y") if edition.cut_off else "none"
    until = (
        "results and payments after that day do not count; a period that crosses it counts in proportion to its months"
    )
    bases = "; ".join(f"{basis}: {BASES[basis]}" for basis in counted_bases(edition.payment_bases))
    chosen = {
        "time_convention": (edition.time_convention, TIMES[edition.time_convention]),
        "annual_rung": (MILESTONES[edition.annual_rung], "the people at this milestone count for a year"),
        "horizon_years": (f"{edition.horizon_years:g} years", "how far beyond the measured time a result may count"),
        "deadweight_layer": (edition.deadweight_layer, LAYERS[edition.deadweight_layer]),
        "value_set": (edition.value_set, "the list from which we take unit costs; an older one fills its gaps"),
        "unit_value_level": (edition.unit_value_level, f"the {edition.unit_value_level} value of each unit cost"),
        "transfers": (edition.transfers, TRANSFERS_COUNT[edition.transfers]),
        "price_year": (edition.price_year, "the financial year of all pounds"),
        "cut_off": (cut_off, until if edition.cut_off else "everything published counts"),
        "payment_bases": (" + ".join(edition.payment_bases), bases),
        "optimism_bias": (edition.optimism_bias.replace("_", " "), BIASES[edition.optimism_bias]),
        "distribution": (edition.distribution, DRAWN[edition.distribution]),
        "disclosure": (
            f"fewer than {edition.disclosure_threshold} people",
            "counts from records of people that are smaller are withheld, and so are others from which they would "
            f"follow; we round the rest to {edition.disclosure_rounding}",
        ),
    }
    chosen = {choice: said for choice, said in chosen.items() if is_asked(choice, edition)}
    names = CHOICE_WORDS | {
        "price_year": "prices",
        "cut_off": "cut-off",
        "horizon_years": "how far ahead we look",
        "distribution": "how simulations draw a value",
        "disclosure": "disclosure control",
    }
    return {
        choice: {
            "choice": names[choice],
            "taken": taken,
            "meaning": meaning,
            "others": {option.replace("_", " "): figures for option, figures in others.items()},
        }
        for choice, (taken, meaning) in chosen.items()
        for others in [by_choice.get(SCENARIO_CHOICES.get(choice, choice), {})]
    }


def _example(lines: pd.DataFrame, contracts: pd.DataFrame, reference: Reference) -> Row | None:
    """The largest line of public value in the ratio, with the names of what it joins."""
    if lines.empty:
        return None
    line: Row = lines.loc[lines["public_gbp"].idxmax()].to_dict()
    names = names_of(contracts, "contract_id")
    costs = names_of(reference.unit_costs, "unit_cost_id")
    return line | {
        "contract": names[line["contract_id"]],
        "outcome": outcome_names(reference)[line["outcome_id"]],
        "unit_cost": costs[line["unit_cost_id"]],
    }


# --- Mappings, overlaps, prices -------------------------------------------------------------------------------


def _words() -> dict[str, Any]:
    """The meanings of the closed lists that the page explains."""
    return {
        "ages": AGES,
        "grades": GRADE_WORDS,
        "weak": WEAK,
        "treatments": {name: said for name, (said, _) in TREATED.items()},
        "kinds": KINDS,
        "layers": LAYERS,
        "levels": UNIT_VALUE_LEVELS,
        "units": UNITS,
    }


PAGE = Page("assumptions.html", "Assumptions", render, printed=("assumptions.html",))
