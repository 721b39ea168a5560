"""What a ladder is: milestones that one cohort of people reaches one after the other.

Belongs here: which metrics are rungs, and where a rung stands. How the counts of a ladder become time is a matter of
``pipeline.method.steps.ladders``.
"""

import math

import pandas as pd

from pipeline.tables.units import conversion
from pipeline.tables.vocabulary import YEARS_PER_UNIT


def is_rung(treatment: "pd.Series[str]", unit: "pd.Series[str]") -> "pd.Series[bool]":
    """Tell which metrics count the same people as the other rungs of their outcome; any other stands by itself."""
    return (treatment == "rung") & (unit == "person")


def places(metrics: pd.DataFrame) -> "pd.Series[float]":
    """Return where metrics stand on their ladders: years, or pounds; missing without a milestone.

    ``metrics``: ``milestone, milestone_unit``.
    """
    return metrics["milestone"] * metrics["milestone_unit"].map(YEARS_PER_UNIT).astype(float).fillna(1.0)


def milestone_years(milestone: float, unit: str) -> float:
    """Return the years since the outcome began; without a milestone it was seen only at its beginning.

    Raises ``UnitError`` for a milestone that is not one of time.
    """
    return 0.0 if math.isnan(milestone) else milestone * conversion(unit, "year")
