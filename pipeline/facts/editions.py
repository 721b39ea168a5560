"""Editions: named sets of choices, one TOML file each under ``reference/editions/``.

Belongs here: what an edition may say and how its file is read. What the choices do is in ``pipeline.method``.
"""

import tomllib
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.facts.problems import Problem
from pipeline.tables.vocabulary import (
    DEADWEIGHT_LAYERS,
    PAYMENT_BASES,
    TIME_CONVENTIONS,
    UNIT_VALUE_LEVELS,
)

ANNUAL_RUNGS = ("first_sustained", "entry")


@dataclass(frozen=True)
class Edition:
    """The choices of one edition.

    ``cut_off``: last day of results and payments counted, None for all; ``price_year``: financial year of all
    pounds; ``horizon_years``: how far the ``horizon`` time convention looks; ``annual_rung``: which rung of a
    ladder the ``annual`` convention counts; ``published_edition``: the published study it reproduces, if any.
    """

    edition: str
    title: str
    reasons: str
    cut_off: date | None
    price_year: str
    deadweight_layer: str
    unit_value_level: str
    time_convention: str
    annual_rung: str
    horizon_years: float
    payment_bases: tuple[str, ...]
    published_edition: str


def read_editions(folder: Path, shown_folder: str) -> tuple[dict[str, Edition], list[Problem]]:
    """Read every edition file of a folder; returns the editions by id, sorted, and the problems found."""
    editions: dict[str, Edition] = {}
    problems: list[Problem] = []
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        problems.append(Problem(shown_folder, 0, "file", "no edition found", expected="at least one *.toml"))
    for path in paths:
        shown = f"{shown_folder}/{path.name}"
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(Problem(shown, 1, "file", f"not readable as TOML: {error}"))
            continue
        found = _edition_problems(data, path.stem, shown)
        problems.extend(found)
        if not found:
            editions[path.stem] = _edition(data)
    return editions, problems


def _edition(data: dict[str, Any]) -> Edition:
    cut_off = data.get("cut_off") or None
    return Edition(**{**data, "cut_off": cut_off, "payment_bases": tuple(data["payment_bases"])})


def _edition_problems(data: dict[str, Any], stem: str, shown: str) -> list[Problem]:
    names = {field.name for field in fields(Edition)}
    problems = [Problem(shown, 1, name, "unknown key") for name in sorted(set(data) - names)]
    optional = {"cut_off"}
    problems += [Problem(shown, 1, name, "missing") for name in sorted(names - set(data) - optional)]
    if problems:
        return problems
    allowed = {
        "edition": [stem],
        "deadweight_layer": list(DEADWEIGHT_LAYERS),
        "unit_value_level": list(UNIT_VALUE_LEVELS),
        "time_convention": list(TIME_CONVENTIONS),
        "annual_rung": list(ANNUAL_RUNGS),
    }
    for name, words in allowed.items():
        if data[name] not in words:
            problems.append(Problem(shown, 1, name, "not one of the words allowed", str(data[name]), str(words)))
    for basis in data["payment_bases"]:
        if basis not in PAYMENT_BASES:
            problems.append(
                Problem(shown, 1, "payment_bases", "not one of the words allowed", basis, str(list(PAYMENT_BASES)))
            )
    cut_off = data.get("cut_off")
    if cut_off is not None and not isinstance(cut_off, date):
        problems.append(Problem(shown, 1, "cut_off", "not a date", str(cut_off), "a date such as 2022-03-31"))
    if not isinstance(data["horizon_years"], int | float) or data["horizon_years"] <= 0:
        problems.append(Problem(shown, 1, "horizon_years", "not a number of years", str(data["horizon_years"])))
    return problems
