"""Editions: named sets of choices, one TOML file each under ``reference/editions/``.

Belongs here: what an edition may say and how its file is read. What the choices do is in ``pipeline.method``.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pipeline.facts.files import UnreadableFileError, leads_out, link_out, read_toml, shown_value, unknown_files
from pipeline.facts.problems import Problem
from pipeline.tables.base import KEBAB_CASE_PATTERN, LONGEST_LINE_YEARS, PRICE_YEAR_PATTERN

# The words are those of pipeline.tables.vocabulary, where they are explained; a test holds the two together.
DeadweightLayer = Literal["none", "assumed", "studied"]
UnitValueLevel = Literal["low", "central", "high"]
TimeConvention = Literal["measured", "annual", "horizon"]
AnnualRung = Literal["first_sustained", "entry"]
PaymentBasis = Literal["paid", "reported", "commitment", "evaluation"]
OptimismBias = Literal["none", "by_grade"]
Distribution = Literal["pert", "triangular", "fixed"]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Edition:
    """The choices of one edition.

    ``edition``: its id, the name of its file and of the folder into which it is published; ``cut_off``: last day of
    results and payments counted, None for all; ``price_year``: financial year of all pounds; ``horizon_years``: how far
    the ``horizon`` time convention looks; ``annual_rung``: which rung of a ladder the ``annual`` convention counts;
    ``published_edition``: the published study it reproduces, if any; ``optimism_bias``: what is taken off for weak
    evidence; ``distribution``: how parameters are drawn between low and high. Of counts from participant-level claims:
    ``disclosure_threshold``: those of fewer people are withheld; ``disclosure_rounding``: the others are rounded to it.
    """

    edition: Annotated[str, Field(pattern=KEBAB_CASE_PATTERN)]
    title: str
    reasons: str
    price_year: Annotated[str, Field(pattern=PRICE_YEAR_PATTERN)]
    deadweight_layer: DeadweightLayer
    unit_value_level: UnitValueLevel
    time_convention: TimeConvention
    annual_rung: AnnualRung
    horizon_years: Annotated[float, Field(gt=0, le=LONGEST_LINE_YEARS, allow_inf_nan=False, strict=True)]
    payment_bases: tuple[PaymentBasis, ...]
    published_edition: str
    cut_off: Annotated[date | None, Field(strict=True)] = None
    optimism_bias: OptimismBias = "none"
    distribution: Distribution = "pert"
    disclosure_threshold: Annotated[int, Field(ge=0, strict=True)] = 10
    disclosure_rounding: Annotated[int, Field(ge=1, strict=True)] = 5


EDITION = TypeAdapter(Edition)
# What Pydantic says, in the words of the other checks, with what was expected.
WORDS = {
    "missing": ("missing", ""),
    "unexpected_keyword_argument": ("unknown key", ""),
    "string_pattern_mismatch": ("not of the form required", "'{pattern}'"),
    "greater_than": ("too small", "more than {gt:g}"),
    "greater_than_equal": ("too small", "at least {ge:g}"),
    "less_than_equal": ("too large", "at most {le:g}"),
}


def read_editions(folder: Path, shown_folder: str) -> tuple[dict[str, Edition], list[Problem]]:
    """Read every edition file of a folder; returns the editions by id, sorted, and the problems found."""
    if leads_out(folder, folder.parent):
        return {}, [link_out(shown_folder, "folder")]
    editions: dict[str, Edition] = {}
    # Also one that begins with a dot: whoever lists the editions lists it too.
    paths = sorted(folder.glob("*.toml"))
    problems = list(unknown_files(folder, shown_folder, {path.name for path in paths}))
    if not paths:
        problems.append(Problem(shown_folder, 0, "file", "no edition found", expected="at least one *.toml"))
    for path in paths:
        edition, found = _read_edition(path, f"{shown_folder}/{path.name}")
        problems.extend(found)
        if edition is not None:
            editions[edition.edition] = edition
    return editions, problems


def _read_edition(path: Path, shown: str) -> tuple[Edition | None, list[Problem]]:
    if leads_out(path, path.parent):
        return None, [link_out(shown)]
    try:
        edition = EDITION.validate_python(read_toml(path, shown))
    except UnreadableFileError as error:
        return None, [error.problem]
    except ValidationError as error:
        return None, list(_problems(error, shown))
    if edition.edition != path.stem:
        return None, [Problem(shown, 1, "edition", "not the name of its file", edition.edition, path.stem)]
    return edition, []


def _problems(error: ValidationError, shown_path: str) -> Iterable[Problem]:
    """One problem for each thing wrong with a key; the place within a list is left out."""
    for details in error.errors():
        key, kind, found = str(details["loc"][0]), details["type"], shown_value(details["input"])
        if kind not in WORDS:
            yield Problem(shown_path, 1, key, details["msg"][0].lower() + details["msg"][1:], found)
            continue
        what, expected = WORDS[kind]
        expected = expected.format(**details.get("ctx", {}))
        yield Problem(shown_path, 1, key, what, found if expected else "", expected)
