"""The list of contracts ``contracts.html``: finding one, filtering, and setting a few side by side.

Belongs here: what the list says of each contract beside its figures (who took part, where, for whom, on what evidence)
and the marks by which its script filters. No figure is worked out here; the script is ``find.js``.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.method.analysis.evidence import EVIDENCE
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gathered import MEANINGS, Gathered
from pipeline.report.rows import Row
from pipeline.report.wording import capital, day, words
from pipeline.tables.vocabulary import GRADES, ORGANISATION_ROLES, TARGET_GROUPS

# Nations and regions of England, each with words that places of delivery there have in their names. A place that has
# none of them is in no region; one that has words of several is in each.
REGIONS = {
    "North East": "north east|durham|darlington|gateshead|hartlepool|middlesbrough|newcastle[ -]upon[ -]tyne|tyneside"
    "|northumberland|redcar|stockton|sunderland",
    "North West": "north west|manchester|merseyside|liverpool|cheshire|bolton|bury|oldham|rochdale|salford|stockport"
    "|tameside|trafford|wigan|lancashire|cumbria",
    "Yorkshire and The Humber": "yorkshire|humber|bradford|sheffield|doncaster|kirklees|leeds|rotherham|barnsley"
    "|wakefield|calderdale|hull",
    "East Midlands": "east midlands|nottingham|nottinghamshire|derby|derbyshire|northamptonshire|leicester"
    "|leicestershire|lincolnshire|rutland",
    "West Midlands": "west midlands|staffordshire|worcestershire|shropshire|telford|wolverhampton|dudley|birmingham"
    "|coventry|sandwell|walsall|solihull|warwickshire|herefordshire",
    "East of England": "east(?: of)? england|norfolk|suffolk|peterborough|cambridgeshire|essex|hertfordshire"
    "|bedfordshire|luton",
    "London": "london|bexley|enfield|hackney|waltham forest|brent|westminster|kensington|tower hamlets|croydon"
    "|southwark",
    "South East": "south east|kent|brighton|surrey|sussex|thames valley|hampshire|oxfordshire|buckinghamshire"
    "|berkshire",
    "South West": "south west|bristol|somerset|cornwall|plymouth|devon|gloucestershire|dorset|wiltshire|swindon",
    "Wales": "wales|cardiff|newport|swansea",
    "Scotland": "scotland|glasgow|edinburgh|dundee|perth",
    "Northern Ireland": "northern ireland|belfast",
}
# South East London and West and North West London are parts of London.
PART_OF_LONDON = re.compile(r"\b(?:north|south|east|west)(?: (?:north|south|east|west))* london\b")
# How good the evidence is, for the eye; words stand beside it.
DOTS = {"strong": "●●●", "medium": "●●○", "weak": "●○○"}
KINDS = {"unit_cost": "costs", "deadweight": "deadweight", "mapping": "match"}
HIGHEST = 3


def list_page(made_from: Site, gathered: Gathered) -> str:
    """Return the page."""
    contracts = [contract | _listed(contract, gathered) for contract in gathered.contracts]
    in_ratio = sorted((row for row in contracts if row["is_in_bcr"]), key=lambda row: -row["bcr"])
    filters = {
        "area": ("Policy area", [capital(words(area["policy_area"])) for area in gathered.areas]),
        "fund": ("Outcomes fund", sorted({fund for row in contracts for fund in row["funds"]}, key=str.casefold)),
        "region": ("Region", [region for region in REGIONS if any(region in row["regions"] for row in contracts)]),
    }
    marks = {(name, value): f"{name}-{i}" for name, (_, values) in filters.items() for i, value in enumerate(values)}
    for row in contracts:
        row["marks"] = _marks(row, marks)
    return made_from.page(
        "contracts.html",
        "contracts",
        contracts=contracts,
        highest=[row | {"rests_on": _carried_by(row, gathered)} for row in in_ratio[:HIGHEST]],
        areas=gathered.areas,
        ratios=gathered.ratios,
        filters=filters,
        marks=marks,
        dots=DOTS,
        grades={name: GRADES[name] for name in DOTS},
        meanings=MEANINGS,
    )


def _listed(contract: Row, gathered: Gathered) -> Row:
    """What the list says of a contract: ``funds``, ``regions``, ``facts`` by what they are, ``evidence`` by kind."""
    of = {name: gathered.of[name].get(contract["contract_id"], []) for name in ("organisations", "places", "service")}
    funds = [fund for fund in (contract["outcomes_fund"] or "").split("; ") if fund]
    places = _once(row["place"] for row in of["places"])
    regions = regions_of(places)
    groups = _once(row["code"] for row in of["service"] if row["fact"] == "target_group")
    roles = {
        f"{capital(role)}s": _once(row["name"] for row in of["organisations"] if row["role"] == role)
        for role in ORGANISATION_ROLES
    }
    facts = {
        "Outcomes funds": funds,
        "Regions": regions,
        "Places": places,
        # By the words of the field and in plain words: people look for either.
        "People helped": [f"{words(code)}: {TARGET_GROUPS[code]}" for code in groups],
        **roles,
        "Service": [_service(contract)],
    }
    return {
        "funds": funds,
        "regions": regions,
        "facts": {name: values for name, values in facts.items() if any(values)},
        "evidence": evidence_of(gathered.of["valued_outcomes"].get(contract["contract_id"], [])),
    }


def regions_of(places: Iterable[str]) -> list[str]:
    """Return the nations and regions that places of delivery are in, as far as their names tell, in the usual order."""
    said = [PART_OF_LONDON.sub("london", place.casefold()) for place in places]
    return [region for region, names in REGIONS.items() if any(re.search(rf"\b(?:{names})\b", place) for place in said)]


def evidence_of(lines: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return by kind of evidence the grade behind the largest part of a contract's public value.

    ``lines``: its rows of ``valued_outcomes``. A kind without a grade of ours (no rate is taken off, or the contract
    itself says it) is left out.
    """
    public = [row for row in lines if not row["is_transfer"] and row["net_gbp"] > 0]
    found = {}
    for kind, column in EVIDENCE.items():
        sums: dict[str, float] = {}
        for row in public:
            sums[row[column]] = sums.get(row[column], 0.0) + row["net_gbp"]
        best = max(sums, key=lambda grade: (sums[grade], grade), default="")
        if best in DOTS:
            found[KINDS[kind]] = best
    return found


def _carried_by(contract: Row, gathered: Gathered) -> str:
    """The outcome that carries the largest part of a contract's public value, by its name."""
    sums: dict[str, float] = {}
    for row in gathered.of["valued_outcomes"].get(contract["contract_id"], []):
        if not row["is_transfer"]:
            sums[row["outcome_id"]] = sums.get(row["outcome_id"], 0.0) + row["net_gbp"]
    outcome_id = max(sums, key=lambda name: (sums[name], name))
    return gathered.outcomes.get(outcome_id, outcome_id)


def _marks(row: Row, marks: Mapping[tuple[str, str], str]) -> str:
    """The marks of a contract, by which the list is filtered."""
    values = [("area", capital(words(row["policy_area"])))]
    values += [("fund", fund) for fund in row["funds"]] + [("region", region) for region in row["regions"]]
    return " ".join([marks[value] for value in values] + (["ratio"] if row["is_in_bcr"] else []))


def _service(contract: Row) -> str:
    """When a service began and ended, as far as that is known."""
    begin, end = contract["service_start"], contract["service_end"]
    told = [words for words in (begin and f"from {day(begin)}", end and f"to {day(end)}") if words]
    return " ".join(told)


def _once(values: Iterable[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]
