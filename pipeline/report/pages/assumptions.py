"""The page ``assumptions.html``: the assumptions behind the figures of an edition, and what others would make of it.

Belongs here: putting the rows of the reference tables, with what rests on each, and the choices of the edition in order
for a reader. Nothing is valued or judged here; what is said stands in the template beside it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.method.analysis.parameters import cost_ids, rate_ids, weight_ids
from pipeline.method.analysis.resting import resting_on
from pipeline.method.analysis.wellbeing_scales import values_of_a_point
from pipeline.method.steps.additionality import RATES_TRIED
from pipeline.method.steps.scope import counted_bases
from pipeline.method.steps.time_conventions import is_asked
from pipeline.method.steps.unit_values import at_level
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.report.pages.assumption_words import (
    BASES,
    BIASES,
    DRAWN,
    GRADE_WORDS,
    LAYERS,
    MILESTONES,
    READ,
    TIMES,
    TRANSFERS_COUNT,
    TREATED,
    WEAK,
)
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.pages.model import Model, as_script, model_of
from pipeline.report.pages.model_controls import scopes_of, sliders_by_group, switches_of
from pipeline.report.pages.model_sum import sliders_of
from pipeline.report.pages.resting_rows import NOTHING, heaviest_first, sums_of
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
    unit_costs = _unit_costs(reference, lines, edition.unit_value_level)
    rates, weights = (f(reference, lines) for f in (_rates, _weights))
    mappings = _mapped(reference, lines)
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
        grades=_mapping_grades(metrics, lines),
        treatments=_treatments(metrics, lines),
        weak_mappings=_weak_metrics(tables, reference),
        not_valued=as_rows(tables["not_valued"]),
        overlap_groups=_overlap_groups(reference),
        overlaps=_overlaps(tables),
        deflators=_deflators(reference, edition.price_year),
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


def _unit_costs(reference: Reference, lines: pd.DataFrame, level: str) -> list[Row]:
    resting = resting_on(lines, ["unit_cost_id"])
    costs = reference.unit_costs
    costs = costs.assign(
        parameter=cost_ids(costs.assign(unit_value_level=level)),
        **{name: at_level(costs, name) for name in UNIT_VALUE_LEVELS},
    )
    return heaviest_first(
        row
        | resting.get((row["unit_cost_id"],), NOTHING)
        | {
            "what": "unit cost",
            "anchor": f"unit-cost-{row['unit_cost_id']}",
            "is_money": True,
        }
        for row in as_rows(costs)
    )


def _rates(reference: Reference, lines: pd.DataFrame) -> list[Row]:
    names = _outcome_names(reference)
    resting = resting_on(lines, ["layer", "outcome_id", "rate_contract_id"])
    rates = reference.deadweight.assign(parameter=rate_ids(reference.deadweight))
    return heaviest_first(
        row
        | resting.get((row["layer"], row["outcome_id"], row["contract_id"]), NOTHING)
        | {
            "what": f"rate of deadweight ({row['layer']})",
            "name": names.get(row["outcome_id"], row["outcome_id"]),
            # Contracts may be named in any way, an anchor may not.
            "anchor": f"rate-{number}",
            "is_money": False,
        }
        for number, row in enumerate(as_rows(rates), start=1)
    )


def _weights(reference: Reference, lines: pd.DataFrame) -> list[Row]:
    names = _outcome_names(reference)
    taking = reference.outcome_types.groupby("hours_weight_id")["outcome_id"].agg(list).to_dict()
    resting = resting_on(lines, ["hours_weight_id"])
    weights = reference.hours_weights.assign(parameter=weight_ids(reference.hours_weights))
    return heaviest_first(
        row
        | resting.get((row["hours_weight_id"],), NOTHING)
        | {
            "what": "weight of hours",
            "name": row["hours_weight_id"].replace("_", " "),
            "anchor": f"hours-{row['hours_weight_id']}",
            "outcomes": [names[outcome_id] for outcome_id in taking.get(row["hours_weight_id"], [])],
            "is_money": False,
        }
        for row in as_rows(weights)
    )


def _mapped(reference: Reference, lines: pd.DataFrame) -> list[Row]:
    """Outcomes with what rests on mappings to them, by grade; a line has the worst grade of its metrics."""
    names = _outcome_names(reference)
    resting = resting_on(lines, ["outcome_id", "mapping_grade"])
    return [
        carried | {"what": "reading of metrics", "name": names[outcome_id], "grade": grade, "anchor": "weak-mappings"}
        for (outcome_id, grade), carried in resting.items()
    ]


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
        "outcome": _outcome_names(reference)[line["outcome_id"]],
        "unit_cost": costs[line["unit_cost_id"]],
    }


# --- Mappings, overlaps, prices -------------------------------------------------------------------------------


def _mapping_grades(reported: pd.DataFrame, lines: pd.DataFrame) -> list[Row]:
    metrics = reported["mapping_grade"].value_counts()
    resting = resting_on(lines, ["mapping_grade"])
    return [
        {"grade": grade, "meaning": meaning, "metrics": int(metrics.get(grade, 0))} | resting.get((grade,), NOTHING)
        for grade, meaning in READ.items()
    ]


def _treatments(reported: pd.DataFrame, lines: pd.DataFrame) -> list[Row]:
    """Metrics and public value by treatment; an outcome counted in more than one way has a row of its own."""
    keys = zip(reported["contract_id"], reported["metric_id"], strict=True)
    by_metric = dict(zip(keys, reported["treatment"], strict=True))
    treated = [
        " and ".join(sorted({by_metric[contract_id, metric_id] for metric_id in metric_ids.split("; ")}))
        for contract_id, metric_ids in zip(lines["contract_id"], lines["metric_ids"], strict=True)
    ]
    resting = resting_on(lines.assign(treatment=treated), ["treatment"])
    metrics = reported["treatment"].value_counts()
    several = {
        name: (
            " and ".join(TREATED[each][0] for each in name.split(" and ")),
            "an outcome of a contract that counts in both ways",
        )
        for name in treated
        if " and " in name
    }
    return [
        {"treatment": said, "meaning": meaning, "metrics": int(metrics.get(name, 0))} | resting.get((name,), NOTHING)
        for name, (said, meaning) in (TREATED | several).items()
    ]


def _weak_metrics(tables: Mapping[str, pd.DataFrame], reference: Reference) -> list[Row]:
    """The metrics whose mapping is weak, each once, with the reason for it."""
    weak = reference.metric_outcomes[reference.metric_outcomes["grade"] == "weak"]
    reported = tables["reported_outcomes"].drop_duplicates(["contract_id", "metric_id"])
    named = weak.merge(reported[["contract_id", "metric_id", "label"]], on=["contract_id", "metric_id"])
    named = named.merge(tables["contracts"][["contract_id", "name"]], on="contract_id")
    names = _outcome_names(reference)
    return [row | {"outcome": names[row["outcome_id"]]} for row in as_rows(named)]


def _overlap_groups(reference: Reference) -> list[Row]:
    names = _outcome_names(reference)
    lines = reference.outcome_unit_costs[reference.outcome_unit_costs["overlap_group"] != ""]
    groups = lines.groupby("overlap_group")["outcome_id"].unique()
    return [
        {"group": str(group).replace("_", " "), "outcomes": [names[outcome_id] for outcome_id in outcomes]}
        for group, outcomes in groups.items()
    ]


def _overlaps(tables: Mapping[str, pd.DataFrame]) -> list[Row]:
    """What was left out, by the reason: of all contracts, and public value of those in the ratio."""
    overlaps, contracts = tables["overlaps"], tables["contract_value"]
    if overlaps.empty:
        return []
    is_in = overlaps["contract_id"].isin(contracts.loc[contracts["is_in_bcr"], "contract_id"])
    is_transfer = overlaps["is_transfer"].astype(bool)
    sums = overlaps.assign(
        public_gbp=overlaps["net_gbp"].where(~is_transfer, 0.0),
        in_ratio_gbp=overlaps["net_gbp"].where(~is_transfer & is_in, 0.0),
        transfer_gbp=overlaps["net_gbp"].where(is_transfer, 0.0),
    )
    table = sums.groupby("overlap_reason", as_index=False).agg(
        contracts=("contract_id", "nunique"),
        lines=("contract_id", "size"),
        public_gbp=("public_gbp", "sum"),
        in_ratio_gbp=("in_ratio_gbp", "sum"),
        transfer_gbp=("transfer_gbp", "sum"),
    )
    table = table.sort_values(["public_gbp", "transfer_gbp", "overlap_reason"], ascending=[False, False, True])
    return [row | {"reason": row["overlap_reason"].replace("_", " ")} for row in as_rows(table)]


def _deflators(reference: Reference, price_year: str) -> list[Row]:
    """The deflator of each year, with the factor that leads from it to the prices of the edition."""
    table = reference.gdp_deflators
    own = float(table.loc[table["price_year"] == price_year, "gdp_deflator"].iloc[0])
    return [row | {"factor": own / row["gdp_deflator"]} for row in as_rows(table)]


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


def _outcome_names(reference: Reference) -> dict[str, str]:
    return names_of(reference.outcome_types, "outcome_id")


PAGE = Page("assumptions.html", "Assumptions", render, printed=("assumptions.html",))
