"""What somebody who starts a run may say: typed, described, with defaults, and checked before the run starts.

Belongs here: the fields of the launchpad. What they do is said where they are used; what can be said of an edition is
defined in ``pipeline.facts.editions``.
"""

from collections.abc import Sequence

import dagster as dg
from pydantic import Field

from pipeline.checks.suites import MAY_BE_ACCEPTED


class Reading(dg.Config):
    """What to read."""

    read_again: list[str] = Field(
        default=[],
        description="Contracts to read again though their folders have not changed, by id. "
        "One that is new or has changed is read in any case.",
    )


class EditionChoice(dg.ConfigurableResource[None]):
    """Which editions a run works on."""

    editions: list[str] = Field(default=[], description="Editions to value and publish, by id; all of them if empty.")

    def of(self, known: Sequence[str]) -> list[str]:
        """Return the editions to work on. Raises ``dg.Failure`` for one that does not exist."""
        unknown = sorted(set(self.editions) - set(known))
        if unknown:
            text = f"no such edition: {', '.join(unknown)}; known: {', '.join(known)}"
            raise dg.Failure(text, allow_retries=False)
        return [edition for edition in known if edition in self.editions or not self.editions]


def enumeration(name: str, words: Sequence[str]) -> dg.Enum:
    """Return a type of the launchpad that takes one of some words.

    Its name holds the words: of two types of one name Dagster knows only the first.
    """
    return dg.Enum(f"{name} ({', '.join(words)})", [dg.EnumValue(word) for word in words])


ACCEPTED_CHECKS = dg.Field(
    [enumeration("check_that_may_be_accepted", MAY_BE_ACCEPTED)],
    default_value=[],
    description="Checks against the last edition that do not hold and are accepted, because the data have changed for "
    "a reason.",
)
