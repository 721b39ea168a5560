"""The causes of a bridge: their order, and which part of a result belongs to each.

Belongs here: their names, which choices of an edition and which published tables each stands for, and how a set of
them is written. What is mixed by them stands in ``inputs``.

A mixture is a number whose bits say which causes are as in the second result, in the order of ``CAUSES``.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.tables.vocabulary import NO_CAUSE

# In the order in which a bridge takes them; what none of them explains is left to the code.
CAUSES: Mapping[str, str] = {
    "contracts": "contracts that came or went",
    "results": "new or changed results",
    "corrections": "corrections of the sources",
    "mapping": "which outcome a metric counts",
    "time_convention": "how long an outcome counts",
    "ladders_and_set_asides": "milestones, and what would count twice",
    "unit_costs": "unit costs and weights of hours",
    "price_base": "price year",
    "deadweight": "deadweight",
    "optimism_bias": "optimism bias taken off for weak evidence",
    "transfers": "which gains are transfers",
    "payments": "payments",
    "cut_off": "cut-off date",
}
CODE = NO_CAUSE
CODE_WORDS = "the program"
NOT_RECORDED_WORDS = "the program, and data that were not kept"
# Which cause a choice of an edition belongs to; the others say nothing of value.
CAUSE_OF_CHOICE: Mapping[str, str] = {
    "disclosure_threshold": "results",
    "disclosure_rounding": "results",
    "time_convention": "time_convention",
    "annual_rung": "time_convention",
    "horizon_years": "time_convention",
    "discounting": "time_convention",
    "value_set": "unit_costs",
    "unit_value_level": "unit_costs",
    "price_year": "price_base",
    "added_values": "unit_costs",
    "set_asides": "ladders_and_set_asides",
    "deadweight_layer": "deadweight",
    "flat_deadweight": "deadweight",
    "optimism_bias": "optimism_bias",
    "transfers": "transfers",
    "payment_bases": "payments",
    "cut_off": "cut_off",
}
SAYS_NOTHING_OF_VALUE = ("edition", "title", "reasons", "published_edition", "superseded_by", "distribution")
# Published tables without which a cause cannot be told apart.
TABLES_OF_CAUSE: Mapping[str, tuple[str, ...]] = {
    "contracts": ("contracts",),
    "results": ("reported_outcomes",),
    "corrections": ("corrections",),
    "mapping": ("metric_outcomes", "outcome_types"),
    "time_convention": ("choices", "discount_rates"),
    "ladders_and_set_asides": ("metric_outcomes", "outcome_types", "outcome_unit_costs"),
    "unit_costs": ("choices", "outcome_unit_costs", "unit_costs", "hours_weights"),
    "price_base": ("choices", "gdp_deflators"),
    "deadweight": ("choices", "deadweight"),
    "optimism_bias": ("choices", "optimism_bias"),
    "transfers": ("unit_costs",),
    "payments": ("payments", "choices"),
    "cut_off": ("choices", "paid_per_unit"),
}

PLACES: Mapping[str, int] = {cause: place for place, cause in enumerate(CAUSES)}


def bit(cause: str) -> int:
    """Return the mixture in which one cause is as in the second result."""
    return 1 << PLACES[cause]


def side_of(mixture: int, cause: str) -> int:
    """Return as in which result a cause is in a mixture: 0 for the first, 1 for the second."""
    return mixture >> PLACES[cause] & 1


def mixtures_of(causes: Sequence[str]) -> list[int]:
    """Return every mixture of some causes, all others as in the first result, in the order of ``compact``."""
    return [
        sum(bit(cause) for place, cause in enumerate(causes) if number >> place & 1)
        for number in range(1 << len(causes))
    ]


def compact(mixtures: npt.NDArray[np.intp], causes: Sequence[str]) -> npt.NDArray[np.intp]:
    """Return the place of each mixture among ``mixtures_of`` some causes, whatever it says of others."""
    found = np.zeros_like(mixtures)
    for place, cause in enumerate(causes):
        found |= (mixtures >> PLACES[cause] & 1) << place
    return found
