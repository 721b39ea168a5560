"""The settings of a simulation.

Belongs here: how many draws, and from which seed. How they are drawn stands in ``draws``; this is asked before all else
of a command, so that nothing is imported here that takes long to come.
"""

from dataclasses import dataclass

# With fewer a percentile says little; more take more memory than they are worth.
FEWEST_DRAWS, MOST_DRAWS = 100, 1_000_000


@dataclass(frozen=True)
class Simulation:
    """How many draws are taken, and from which seed; the same two give the same draws.

    Raises ``ValueError`` for too few or too many draws, or a seed below 0.
    """

    draws: int = 10_000
    seed: int = 1

    def __post_init__(self) -> None:
        """Check both."""
        if not FEWEST_DRAWS <= self.draws <= MOST_DRAWS:
            raise ValueError(f"draws: {self.draws:,} (expected {FEWEST_DRAWS:,} to {MOST_DRAWS:,})")
        if self.seed < 0:
            raise ValueError(f"seed: {self.seed} (expected 0 or more)")


BY_DEFAULT = Simulation()
