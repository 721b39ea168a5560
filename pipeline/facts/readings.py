"""The steps of a reconstruction as choices of an edition: what a setting is, and the edition that uses it.

Belongs here: how a setting in ``reconstruction.csv`` is read. What comes of it is worked out in
``method.analysis.reconstruction``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from pipeline.facts.editions import Edition
from pipeline.tables.reading import PUBLISHED_RATIO

ADDED_VALUES = "added_values"
NUMBERS = ("flat_deadweight",)


class SettingError(ValueError):
    """A setting is none that its choice can have."""


def with_setting(edition: Edition, choice: str, setting: str) -> Edition:
    """Return the edition with one more choice made: a word, a number, or one more group of added values.

    An empty setting, and a published ratio, which is no choice of an edition, leave it as it is. Raises
    ``SettingError`` for a setting that the choice cannot have.
    """
    if not setting or choice == PUBLISHED_RATIO:
        return edition
    if choice == ADDED_VALUES:
        group = setting.partition(":")[0]
        others = [word for word in edition.added_values if word.partition(":")[0] != group]
        return _changed(edition, {ADDED_VALUES: (*others, setting)})
    return _changed(edition, {choice: _number(setting) if choice in NUMBERS else setting})


def _number(setting: str) -> float:
    try:
        return float(setting)
    except ValueError as error:
        raise SettingError("not a number") from error


def _changed(edition: Edition, choices: Mapping[str, Any]) -> Edition:
    try:
        return replace(edition, **choices)
    except ValidationError as error:
        raise SettingError("; ".join(found["msg"] for found in error.errors())) from error
