"""Editions: named sets of choices, one TOML file each under ``reference/editions/``.

Belongs here: what an edition may say and how its file is read. What the choices do is in ``pipeline.method``.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pipeline.facts.problems import Problem
from pipeline.tables.base import PRICE_YEAR_PATTERN

# The words are those of pipeline.tables.vocabulary, where they are explained; a test holds the two together.
DeadweightLayer = Literal["none", "assumed", "studied"]
UnitValueLevel = Literal["low", "central", "high"]
TimeConvention = Literal["measured", "annual", "horizon"]
AnnualRung = Literal["first_sustained", "entry"]
PaymentBasis = Literal["paid", "reported", "commitment", "evaluation"]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Edition:
    """The choices of one edition.

    ``cut_off``: last day of results and payments counted, None for all; ``price_year``: financial year of all
    pounds; ``horizon_years``: how far the ``horizon`` time convention looks; ``annual_rung``: which rung of a
    ladder the ``annual`` convention counts; ``published_edition``: the published study it reproduces, if any.
    """

    edition: str
    title: str
    reasons: str
    price_year: Annotated[str, Field(pattern=PRICE_YEAR_PATTERN)]
    deadweight_layer: DeadweightLayer
    unit_value_level: UnitValueLevel
    time_convention: TimeConvention
    annual_rung: AnnualRung
    horizon_years: Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]
    payment_bases: tuple[PaymentBasis, ...]
    published_edition: str
    cut_off: Annotated[date | None, Field(strict=True)] = None


EDITION = TypeAdapter(Edition)
# What Pydantic says, in the words of the other checks.
WORDS = {"missing": "missing", "unexpected_keyword_argument": "unknown key"}


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
        try:
            edition = EDITION.validate_python(data)
        except ValidationError as error:
            problems.extend(_problem(details, shown) for details in error.errors())
            continue
        if edition.edition != path.stem:
            problems.append(Problem(shown, 1, "edition", "not the name of its file", edition.edition, path.stem))
            continue
        editions[path.stem] = edition
    return editions, problems


def _problem(details: Any, shown_path: str) -> Problem:
    """One thing wrong with one key; the place within a list is left out."""
    key, kind = str(details["loc"][0]), details["type"]
    if kind in WORDS:
        return Problem(shown_path, 1, key, WORDS[kind])
    return Problem(shown_path, 1, key, details["msg"][0].lower() + details["msg"][1:], str(details["input"]))
