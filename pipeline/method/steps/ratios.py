"""Ratios and their switching values.

Belongs here: benefit-cost ratios and switching values. Which contracts enter a ratio is decided in ``sums``.
"""

import math


def ratio(value_gbp: float, outcome_payments_gbp: float) -> float:
    """Return value per pound of outcome payments; not a number when nothing was paid."""
    return value_gbp / outcome_payments_gbp if outcome_payments_gbp > 0 else math.nan


def switching_deadweight(gross_gbp: float, outcome_payments_gbp: float) -> float:
    """Return the deadweight at which value equals payments: ``1 - C / G``; both in the same prices."""
    return 1 - outcome_payments_gbp / gross_gbp if gross_gbp > 0 else math.nan


def further_fall(net_gbp: float, outcome_payments_gbp: float) -> float:
    """Return the further fall in value at which it equals payments: ``1 - C / N``; both in the same prices."""
    return 1 - outcome_payments_gbp / net_gbp if net_gbp > 0 else math.nan
