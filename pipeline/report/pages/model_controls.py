"""What the controls say with which a reader tries other assumptions: switches, sliders, areas and contracts.

Belongs here: the names and ends of each slider, in order. Which choices are switches, and their words, stand in
``choice_words``; which parameters have a slider is worked out in ``model_sum``; nothing is valued here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.parameters import cost_ids, rate_ids, weight_ids
from pipeline.report.choice_words import CHOICES, SWITCHES, Choice
from pipeline.report.pages.model import Model
from pipeline.report.rows import Row, as_rows, names_of
from pipeline.report.wording import capital, plain_number, pounds, words

# So many sliders, those that move the ratio furthest, stand open.
OPEN = 6
GROUPS = {
    "unit_cost": "What an outcome is worth",
    "deadweight": "What would have happened anyway",
    "hours_weight": "How much a job of fewer hours counts",
}


def switches_of(model: Model, edition: Edition) -> list[Row]:
    """Return the switches that have more than one option: id, label, options with their words, the published one."""
    return [
        {
            "id": switch,
            "label": capital(_choice(switch).name),
            "options": [(option, _option_words(switch, option, edition)) for option in model["options"][switch]],
            "published": model["published"][switch],
        }
        for switch in SWITCHES
        if len(model["options"][switch]) > 1
    ]


def _option_words(switch: str, option: str, edition: Edition) -> str:
    if switch == "value_set":
        return f"the list of {option}"
    if switch == "price_base" and option not in _choice(switch).options:
        return f"prices of {edition.price_year}"
    return _choice(switch).options.get(option, option)


def _choice(switch: str) -> Choice:
    """The choice that a switch turns: the one of time has the options of a convention in it."""
    return CHOICES["time_convention" if switch == "time" else switch]


def sliders_by_group(model: Model, sliders: Sequence[str], tables: Mapping[str, pd.DataFrame]) -> dict[str, list[Row]]:
    """Return the sliders by the title of their group, first those that move the ratio furthest.

    ``sliders``: ids, the one that moves it furthest first. Each has its id, its name, what it is, its grade, its ends
    and published value in words, and where between the ends the published value lies, from 0 to 100.
    """
    told, known = _told(tables), {parameter["id"]: parameter for parameter in model["parameters"]}
    rows = [told[name] | _ends(known[name]) for name in sliders]
    found = {"What matters most": rows[:OPEN]}
    for kind, title in GROUPS.items():
        found[title] = [row for row in rows[OPEN:] if row["kind"] == kind]
    return {title: of_group for title, of_group in found.items() if of_group}


def _ends(parameter: Mapping[str, Any]) -> Row:
    low, central, high = (parameter[name] for name in ("low", "central", "high"))
    is_money = parameter["kind"] == "unit_cost"
    said = {
        name: pounds(parameter[name]) if is_money else f"{plain_number(parameter[name] * 100)}%" for name in _LEVELS
    }
    return {**said, "kind": parameter["kind"], "at": round((central - low) / (high - low) * 100)}


_LEVELS = ("low", "central", "high")


def _told(tables: Mapping[str, pd.DataFrame]) -> dict[str, Row]:
    """The name of each parameter, what it is, its grade, and where on the page its evidence is."""
    outcomes, contracts = names_of(tables["outcome_types"], "outcome_id"), names_of(tables["contracts"], "contract_id")
    costs, hours, rates = tables["unit_costs"], tables["hours_weights"], tables["deadweight"]
    found = {}
    for name, row in zip(cost_ids(costs.assign(unit_value_level="central")), as_rows(costs), strict=True):
        per = f"per {row['unit']}, {row['price_year']} prices, list of {row['value_set']}"
        found[name] = {"id": name, "name": capital(row["name"]), "what": per, "only": "", "grade": row["grade"]}
    for name, row in zip(weight_ids(hours), as_rows(hours), strict=True):
        said = "part of a full-time job"
        found[name] = {
            "id": name,
            "name": capital(words(row["hours_weight_id"])),
            "what": said,
            "only": "",
            "grade": row["grade"],
        }
    for name, row in zip(rate_ids(rates), as_rows(rates), strict=True):
        layer = {"assumed": "by contract terms or convention", "studied": "from studies"}[row["layer"]]
        found[name] = {
            "id": name,
            "name": capital(outcomes[row["outcome_id"]]),
            "what": f"share that would have happened anyway, {layer}",
            "only": contracts.get(row["contract_id"], row["contract_id"]),
            "grade": row["grade"],
        }
    return found


def scopes_of(model: Model, tables: Mapping[str, pd.DataFrame]) -> dict[str, list[tuple[str, str]]]:
    """Return the areas and the contracts that the sum has, each with its name, in the order of their names."""
    names = names_of(tables["contracts"], "contract_id")
    contracts = sorted((names[contract_id], contract_id) for contract_id in model["contracts"])
    return {
        "Policy areas": [(f"area/{area}", capital(words(area))) for area in sorted(set(model["areas"]))],
        "Contracts": [(f"contract/{contract_id}", name) for name, contract_id in contracts],
    }
