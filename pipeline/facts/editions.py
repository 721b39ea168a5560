"""Editions: named sets of choices, one TOML file each under ``reference/editions/``.

Belongs here: what an edition may say and how its file is read. What the choices do is in ``pipeline.method``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass
from pydantic_core import core_schema

from pipeline.facts.characters import ODD_CHARACTER, PLAIN_TEXT, odd_character
from pipeline.facts.files import (
    TOML_MEGABYTES,
    UnreadableFileError,
    leads_out,
    link_out,
    parsed_toml,
    read_text,
    unknown_files,
    unread_folder,
)
from pipeline.facts.problems import Problem
from pipeline.facts.typed_toml import line_of, validated
from pipeline.tables.base import (
    ADDED_VALUE_PATTERN,
    KEBAB_CASE_PATTERN,
    LONGEST_LINE_YEARS,
    LONGEST_NAME,
    PRICE_YEAR_PATTERN,
)
from pipeline.tables.vocabulary import (
    ANNUAL_RUNGS,
    DEADWEIGHT_LAYERS,
    DISCOUNTINGS,
    DISTRIBUTIONS,
    OPTIMISM_BIASES,
    PAYMENT_BASES,
    SET_ASIDES,
    TIME_CONVENTIONS,
    TRANSFERS,
    UNIT_VALUE_LEVELS,
    VALUE_SETS,
)


class OneOf:
    """A text that is one of some words: for pydantic what ``Literal`` is, of words that stand elsewhere."""

    def __init__(self, words: Iterable[str]) -> None:
        """Take the words, in the order in which they are said to be expected."""
        self.words = tuple(words)

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        """Return the rule by which pydantic checks the text."""
        return core_schema.literal_schema(list(self.words))


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Edition:
    """The choices of one edition.

    ``edition``: its id, the name of its file and of the folder into which it is published; ``cut_off``: last day of
    results and payments counted, None for all; ``price_year``: financial year of all pounds; ``value_set``: the price
    list of its unit costs; ``horizon_years``: how far the ``horizon`` convention looks; ``annual_rung``: which rung
    of a ladder the ``annual`` convention counts; ``discounting``: of years that are projected; ``published_edition``:
    the published study it reproduces, if any; ``superseded_by``: the edition that took its place, if any: it is then
    run only when it is named; ``optimism_bias``: what is taken off for weak evidence; ``distribution``: how parameters
    are drawn between low and high; ``transfers``: where benefits count that somebody else loses; ``set_asides``:
    whether two ladders of a contract may bring the same benefit; ``flat_deadweight``: one rate in place of all of the
    layer, None for theirs, and of no say where the layer takes nothing off; ``added_values``: groups of
    ``reading_values`` whose value is added, each at its central value or, as in ``group:low``, at an end of its range:
    for readings of other studies, and in no file of an edition. Of counts from participant-level claims:
    ``disclosure_threshold``: those of fewer people are withheld; ``disclosure_rounding``: the others are rounded to it.
    """

    edition: Annotated[str, Field(pattern=KEBAB_CASE_PATTERN, max_length=LONGEST_NAME)]
    title: Annotated[str, Field(min_length=1)]
    reasons: Annotated[str, Field(min_length=1)]
    price_year: Annotated[str, Field(pattern=PRICE_YEAR_PATTERN)]
    deadweight_layer: Annotated[str, OneOf(DEADWEIGHT_LAYERS)]
    value_set: Annotated[str, OneOf(VALUE_SETS)]
    unit_value_level: Annotated[str, OneOf(UNIT_VALUE_LEVELS)]
    time_convention: Annotated[str, OneOf(TIME_CONVENTIONS)]
    annual_rung: Annotated[str, OneOf(ANNUAL_RUNGS)]
    horizon_years: Annotated[float, Field(gt=0, le=LONGEST_LINE_YEARS, allow_inf_nan=False, strict=True)]
    payment_bases: tuple[Annotated[str, OneOf(PAYMENT_BASES)], ...]
    published_edition: str
    superseded_by: str = ""
    cut_off: Annotated[date | None, Field(strict=True)] = None
    discounting: Annotated[str, OneOf(DISCOUNTINGS)] = "standard"
    optimism_bias: Annotated[str, OneOf(OPTIMISM_BIASES)] = "none"
    distribution: Annotated[str, OneOf(DISTRIBUTIONS)] = "beta"
    transfers: Annotated[str, OneOf(TRANSFERS)] = "fiscal only"
    set_asides: Annotated[str, OneOf(SET_ASIDES)] = "largest"
    flat_deadweight: Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False, strict=True)] = None
    added_values: tuple[Annotated[str, Field(pattern=ADDED_VALUE_PATTERN)], ...] = ()
    disclosure_threshold: Annotated[int, Field(ge=0, strict=True)] = 10
    disclosure_rounding: Annotated[int, Field(ge=1, strict=True)] = 5


EDITION = TypeAdapter(Edition)


# An edition is published into a folder of its name, where these lie already: earlier publications.
TAKEN = ("archive", "history")


def current(editions: Mapping[str, Edition]) -> list[str]:
    """Return the ids of the editions that are run unless others are named: those that none has superseded."""
    return [name for name, edition in editions.items() if not edition.superseded_by]


def first_choice(editions: Mapping[str, Edition]) -> str:
    """Return the edition that is meant where none is named: our own estimate, else the first; empty without any."""
    names = current(editions)
    return next(iter([*(name for name in names if not editions[name].published_edition), *names, *editions]), "")


def read_editions(folder: Path, shown_folder: str) -> tuple[dict[str, Edition], list[Problem]]:
    """Read every edition file of a folder; returns the editions by id, sorted, and the problems found."""
    if leads_out(folder, folder.parent):
        return {}, [link_out(shown_folder, "folder")]
    editions: dict[str, Edition] = {}
    # Also one that begins with a dot: whoever lists the editions lists it too.
    paths = sorted(folder.glob("*.toml"))
    problems = list(unknown_files(folder, shown_folder, {path.name for path in paths}))
    if not paths:
        problems.extend(unread_folder(folder, shown_folder))
    if not paths and not problems:
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
        text = read_text(path, shown, TOML_MEGABYTES)
        data = parsed_toml(text, shown)
    except UnreadableFileError as error:
        return None, [error.problem]
    edition, problems = validated(EDITION.validate_python, data, text, shown, [field.name for field in fields(Edition)])
    if edition is not None and edition.edition != path.stem:
        line, what = line_of(text, ["edition"]), "not the name of its file"
        return None, [Problem(shown, line, "edition", what, edition.edition, path.stem)]
    if edition is not None and edition.edition in TAKEN:
        line, what = line_of(text, ["edition"]), "the name of a folder that lies beside the editions"
        return None, [Problem(shown, line, "edition", what, edition.edition, "another name")]
    return edition, [*problems, *_odd_texts(edition, text, shown)]


def _odd_texts(edition: Edition | None, text: str, shown_path: str) -> Iterable[Problem]:
    """One problem for each text that is not what it looks like; reasons may run over several lines."""
    for name, value in (("title", edition.title), ("reasons", edition.reasons)) if edition else ():
        odd = odd_character(value.replace("\n", " "))
        if odd:
            yield Problem(shown_path, line_of(text, [name]), name, ODD_CHARACTER, odd, PLAIN_TEXT)
        elif not value.strip():
            yield Problem(shown_path, line_of(text, [name]), name, "missing")
