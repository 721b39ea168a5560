"""What a result was made from: the tables of one publication that a bridge needs, as they were published.

Belongs here: reading them out of the published tables of a run or of a folder, and putting back what was reported
before corrections. Nothing here is valued. Counts of claims are those that were published: protected.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache, cached_property
from typing import Any

import pandas as pd
from pydantic import ValidationError

from pipeline.facts.editions import EDITION, Edition
from pipeline.method.analysis.bridge.causes import CAUSE_OF_CHOICE
from pipeline.method.steps.protection import policy_of, protected_outcomes
from pipeline.tables.analysis import Choices
from pipeline.tables.catalogue import PUBLISHED_TABLES
from pipeline.tables.kept import KEPT_COLUMNS
from pipeline.tables.reference import Corrections
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.valuation import ContractValue

MADE_FROM = tuple(name for name in KEPT_COLUMNS if name != "contract_value")
# Remarks that the steps of the method hand on; they are left empty.
REMARKS: Mapping[str, tuple[str, ...]] = {
    "reported_outcomes": ("label",),
    "metric_outcomes": ("reason", "source_id"),
    "outcome_unit_costs": ("source_id", "locator"),
    "unit_costs": ("name", "agency", "data_year", "source_id", "locator"),
    "deadweight": ("source_id",),
}
# What the rows of a fact are found by.
PLACE = ["contract_id", "locator"]
# What a correction may be about that has a say in value, and the published table of it.
FACTS = {"outcomes": "reported_outcomes", "payments": "payments"}
DAYS = ("period_start", "period_end")


@dataclass(frozen=True)
class Result:
    """A publication of an edition: what it comes to, and what it was made from.

    ``tables``: of ``MADE_FROM`` those that were published with it, by name; a publication of an earlier form lacks
    some. ``edition``: its choices, None where they were not published.
    """

    contract_value: DataFrame[ContractValue]
    edition: Edition | None
    tables: Mapping[str, pd.DataFrame]

    @property
    def published(self) -> set[str]:
        """Return the tables of ``MADE_FROM`` that were published with it as a bridge needs them."""
        return {*self.tables, *(["choices"] if self.edition is not None else [])}

    @cached_property
    def corrections(self) -> DataFrame[Corrections]:
        """Return the corrections that went into it; none where they were not published."""
        none = pd.DataFrame(columns=list(KEPT_COLUMNS["corrections"]), dtype="str")
        return typed(Corrections, self.tables.get("corrections", none))

    def as_reported(self, fact: str) -> pd.DataFrame:
        """Return the rows of a fact (``outcomes`` or ``payments``) as they were before corrections.

        A row that a correction leaves out is not there.
        """
        rows = self.tables[FACTS[fact]].reset_index(drop=True)
        corrections = self.corrections[self.corrections["table"] == fact]
        return changed(rows, corrections, frm="used", to="reported")


def result_of(published: Mapping[str, pd.DataFrame]) -> Result | None:
    """Return the result of a publication from its tables, by the names of their files; None without contracts.

    A table that lacks a column that is needed counts as one that was not published.
    """
    found = {
        name: kept(published[name], name)
        for name, columns in KEPT_COLUMNS.items()
        if name in published and set(columns) <= set(published[name].columns)
    }
    if "contract_value" not in found:
        return None
    made_from = {name: _with_remarks(table, name) for name, table in found.items() if name != "choices"}
    value = typed(ContractValue, made_from.pop("contract_value"))
    return Result(value, edition_of(typed(Choices, found["choices"])) if "choices" in found else None, made_from)


def result_of_valuation(edition: Edition, tables: Mapping[str, pd.DataFrame]) -> Result:
    """Return the result of an edition from the tables of its facts, its reference and its valuation, by name."""
    protected = protected_outcomes(tables["outcomes"], tables["claim_counts"], policy_of(edition))
    made = {**tables, "reported_outcomes": protected, "choices": choices(edition)}
    result = result_of({name: made[name] for name in KEPT_COLUMNS})
    if result is None:
        raise ValueError("a valuation has contracts")
    return result


def kept(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return what a bridge needs of a published table, each column of its type, contract by contract."""
    columns = {column: _type(name, column) for column in KEPT_COLUMNS[name]}
    days = {day: pd.to_datetime(table[day]) for day in DAYS if day in columns}
    typed_table = table[list(columns)].assign(**days).astype(columns)
    if "contract_id" not in columns:
        return typed_table.reset_index(drop=True)
    return typed_table.sort_values("contract_id", kind="stable", ignore_index=True)


@cache
def _type(name: str, column: str) -> Any:
    """The type of a column of a published table; counts of years as numbers, since none of them is missing."""
    found = str(PUBLISHED_TABLES[name].to_schema().columns[column].dtype)
    return {"Int64": "int64", "string[python]": "str", "string": "str"}.get(found, found)


def _with_remarks(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table.assign(**dict.fromkeys(REMARKS.get(name, ()), ""))


# --- The choices of an edition, as a table ----------------------------------------------------------------------


def choices(edition: Edition) -> DataFrame[Choices]:
    """Return the choices of an edition, one row each: ``choice, setting``.

    A text stands as it is, anything else as JSON; empty where the edition leaves it open, as a cut-off.
    """
    rows = [(field.name, _setting(getattr(edition, field.name))) for field in fields(Edition)]
    return typed(Choices, pd.DataFrame(rows, columns=["choice", "setting"], dtype="str"))


def _setting(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, str | date) else json.dumps(value)


def edition_of(table: DataFrame[Choices]) -> Edition | None:
    """Return an edition with what a table of choices says of value; None where it cannot be valued today.

    What says nothing of value, as the distribution of a simulation, is left as it is by default: words that no
    edition has today are no hindrance there.
    """
    text = dict(zip(table["choice"], table["setting"], strict=True))
    known = {choice: text[choice] for choice in CAUSE_OF_CHOICE if choice in text}
    names = {name: text.get(name) or "unnamed" for name in ("edition", "title", "reasons")}
    try:
        said = {name: _value(name, setting) for name, setting in known.items()}
        return EDITION.validate_python({**names, "published_edition": "", **said})
    except (ValidationError, ValueError):
        return None


def _value(name: str, setting: str) -> Any:
    (kind,) = (field.type for field in fields(Edition) if field.name == name)
    if name == "cut_off":
        return date.fromisoformat(setting) if setting else None
    is_text = str in (kind, *getattr(kind, "__args__", ())[:1])
    if is_text:
        return setting
    read = json.loads(setting) if setting else None
    return tuple(read) if isinstance(read, list) else read


# --- Corrections ------------------------------------------------------------------------------------------------


def changed(rows: pd.DataFrame, corrections: DataFrame[Corrections], frm: str, to: str) -> pd.DataFrame:
    """Return rows with what corrections say put in the place of what it was; ``frm, to``: reported and used, or back.

    A correction of which no row has the value, or no row the place, changes nothing. From reported to used a row
    without a value used is left out.
    """
    if corrections.empty or rows.empty:
        return rows
    table, left_out = rows.copy(), []
    at = pd.MultiIndex.from_frame(table[PLACE])
    for correction in corrections.to_dict("records"):
        places = [n for n, key in enumerate(at) if key == (correction["contract_id"], correction["locator"])]
        column = correction["column"]
        if len(places) != 1 or column not in table:
            continue
        row = table.index[places[0]]
        if _cast(correction[frm], table[column]) != _plain(table.at[row, column]):
            continue
        if to == "used" and correction["used"] == "":
            left_out.append(row)
        else:
            table.at[row, column] = _cast(correction[to], table[column])
    return table.drop(index=left_out).reset_index(drop=True)


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value


def _cast(text: str, column: "pd.Series[Any]") -> Any:
    """The value that a text stands for in a column; None for an empty one."""
    if pd.api.types.is_bool_dtype(column):
        return text == "true"
    if pd.api.types.is_numeric_dtype(column):
        return float(text) if text else None
    if pd.api.types.is_datetime64_any_dtype(column):
        return pd.Timestamp(text) if text else None
    return text
