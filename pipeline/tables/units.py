"""Units and their conversion.

Belongs here: what may be converted into what. Units that do not agree raise; nothing is guessed.
"""

from pipeline.tables.vocabulary import TIME_UNITS, UNITS, YEARS_PER_UNIT


class UnitError(ValueError):
    """Two units that cannot be converted into each other."""


def is_time(unit: str) -> bool:
    """Tell whether a unit is person-time."""
    return unit in TIME_UNITS


def conversion(from_unit: str, to_unit: str) -> float:
    """Return how many ``to_unit`` there are in one ``from_unit``.

    Units of time convert into each other (a year has 365.25 days, 12 months); any other unit only into itself.
    Raises ``UnitError`` for two that do not, or for a unit that does not exist.
    """
    for unit in (from_unit, to_unit):
        if unit not in UNITS:
            raise UnitError(f"unknown unit {unit!r}")
    if from_unit == to_unit:
        return 1.0
    if is_time(from_unit) and is_time(to_unit):
        return YEARS_PER_UNIT[from_unit] / YEARS_PER_UNIT[to_unit]
    raise UnitError(f"{from_unit!r} cannot be converted into {to_unit!r}")
