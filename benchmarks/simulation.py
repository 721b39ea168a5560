"""``make benchmark-simulation``: how near the simulations of all contracts and editions are to the limit.

Belongs here: three ways to get the same ranges, timed in one run, so that only their ratios count. The limit is to draw
the random numbers and do nothing with them; drawing anew for each line of value is what one would do without thinking,
slow and wrong, since errors that contracts share would cancel out.
"""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.facts.reference import Reference
from pipeline.load import load
from pipeline.method.analysis.draws import Draws, drawn
from pipeline.method.analysis.parameters import parameter_ids, parameters
from pipeline.method.analysis.simulation import FEWEST_DRAWS, Simulation
from pipeline.method.analysis.tables import analysed
from pipeline.method.valuation import Valuation, value_edition

Valuations = Sequence[Valuation]


def _parameters(lines: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    return parameters(lines, reference.unit_costs, reference.hours_weights, reference.deadweight)


def random_numbers(valuations: Valuations, reference: Reference, simulation: Simulation) -> None:
    """Draw all parameters, and nothing else."""
    draws = Draws(simulation)
    for valuation in valuations:
        draws.values(
            _parameters(valuation.valued_outcomes, reference),
            valuation.edition,
        )


def by_line(valuations: Valuations, reference: Reference, simulation: Simulation) -> None:
    """Draw unit cost, weight of hours and deadweight anew for each line, and add up the market."""
    for valuation in valuations:
        lines = valuation.valued_outcomes
        used = _parameters(lines, reference).set_index("parameter_id")
        ids = parameter_ids(lines, reference.deadweight)
        total = np.zeros(simulation.draws)
        for number, (units, *named) in enumerate(zip(lines["units"], *(ids[of] for of in ids), strict=True)):
            names = [name for name in named if name]
            own = used.loc[names].assign(parameter_id=[f"{name} of line {number}" for name in names])
            values = dict(zip(names, drawn(own, simulation.draws, simulation.seed), strict=True))
            cost, hours, rate = named
            total += units * values[cost] * values.get(hours, 1) * (1 - values.get(rate, 0))


def main() -> None:
    """Print the seconds of each way, and their ratios."""
    simulation = Simulation(draws=int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    facts, reference = load(Path("raw"), Path("reference"))
    valuations = [value_edition(facts, reference, edition) for edition in reference.editions.values()]

    def simulated(valuations: Valuations, reference: Reference, simulation: Simulation) -> None:
        """Do what a run does: ranges, chances, sensitivity and switching values of each ratio."""
        draws = Draws(simulation)
        for valuation in valuations:
            analysed("uncertainty", facts, reference, valuation, draws)

    def of_scenarios(valuations: Valuations, reference: Reference, simulation: Simulation) -> None:
        draws = Draws(simulation)
        for valuation in valuations:
            analysed("scenarios", facts, reference, valuation, draws)

    def seconds(way: Callable[[Valuations, Reference, Simulation], None], chosen: Simulation = simulation) -> float:
        begin = time.perf_counter()
        way(valuations, reference, chosen)
        return time.perf_counter() - begin

    limit, ours = seconds(random_numbers), seconds(simulated)
    # The scenarios are valued whatever is drawn: only what more draws take is theirs.
    ranges = seconds(of_scenarios) - seconds(of_scenarios, Simulation(draws=FEWEST_DRAWS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slow = seconds(by_line)
    print(f"{simulation.draws:,} draws, {len(valuations)} editions, {peak:.0f} MB at the peak")
    print(f"random numbers alone   {limit:6.2f} s")
    print(f"as a run does it       {ours:6.2f} s   {ours / limit:.1f} times the random numbers alone")
    print(f"ranges of scenarios    {ranges:6.2f} s   beside that")
    print(f"drawing for each line  {slow:6.2f} s   {slow / ours:.1f} times as long as a run, for the market alone")


if __name__ == "__main__":
    main()
