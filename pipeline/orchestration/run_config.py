"""What somebody who starts a run may say: typed, described, with defaults, and checked before the run starts.

Belongs here: the fields of the launchpad. What they do is said where they are used; what can be said of an edition is
defined in ``pipeline.facts.editions``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from pydantic import Field

from pipeline.checks.suites import MAY_BE_ACCEPTED
from pipeline.facts.editions import Edition, current
from pipeline.method.analysis.simulation import FEWEST_DRAWS, MOST_DRAWS, Simulation


class Reading(dg.Config):
    """What to read."""

    read_again: list[str] = Field(
        default=[],
        description="Contracts to read again though their folders have not changed, by id. "
        "One that is new or has changed is read in any case.",
    )


class EditionChoice(dg.ConfigurableResource[None]):
    """Which editions a run works on."""

    editions: list[str] = Field(
        default=[], description="Editions to value and publish, by id; if empty, all that none has superseded."
    )

    def among(self, known: Mapping[str, Edition]) -> list[str]:
        """Return the editions to work on. Raises ``dg.Failure`` for one that does not exist."""
        unknown = sorted(set(self.editions) - set(known))
        if unknown:
            text = f"no such edition: {', '.join(unknown)}; known: {', '.join(known)}"
            raise dg.Failure(text, allow_retries=False)
        wanted = self.editions or current(known)
        return [edition for edition in known if edition in wanted]


def enumeration(name: str, words: Sequence[str]) -> dg.Enum:
    """Return a type of the launchpad that takes one of some words.

    Its name holds the words: of two types of one name Dagster knows only the first.
    """
    return dg.Enum(f"{name} ({', '.join(words)})", [dg.EnumValue(word) for word in words])


# Named as in ``method.analysis.draws``, which says what they do.
SIMULATION = {
    "draws": dg.Field(
        int,
        default_value=Simulation().draws,
        description=f"Simulations behind each range, {FEWEST_DRAWS:,} to {MOST_DRAWS:,}; more take longer.",
    ),
    "seed": dg.Field(
        int, default_value=Simulation().seed, description="Seed of the draws; the same seed gives the same draws."
    ),
}


def simulation_of(config: Mapping[str, Any]) -> Simulation:
    """Return the simulation that a configuration asks for. Raises ``dg.Failure`` for one that cannot be."""
    try:
        return Simulation(draws=config["draws"], seed=config["seed"])
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


ACCEPTED_CHECKS = dg.Field(
    [enumeration("check_that_may_be_accepted", MAY_BE_ACCEPTED)],
    default_value=[],
    description="Checks against the last edition that may fail, because the data have changed for a reason.",
)
