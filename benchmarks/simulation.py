"""``make benchmark``: how near the simulations of all contracts and editions are to the limit.

Belongs here: three ways to get the same ranges, timed in one run, so that only their ratios count. The limit is to draw
the random numbers and do nothing with them; drawing anew for each line of value is what one would do without thinking,
slow and wrong, since errors that contracts share would cancel out.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pipeline.facts.load import load
from pipeline.facts.reference import Reference
from pipeline.method.published import simulated_tables
from pipeline.method.uncertainty import Simulation, drawn, parameter_ids, parameters
from pipeline.method.valuation import Valuation, value_edition


def random_numbers(valuation: Valuation, reference: Reference, simulation: Simulation) -> None:
    """Draw all parameters, and nothing else."""
    used = parameters(valuation.valued_outcomes, reference)
    drawn(used, simulation.draws, simulation.seed)


def by_line(valuation: Valuation, reference: Reference, simulation: Simulation) -> None:
    """Draw unit cost, weight of hours and deadweight anew for each line, and add up the market."""
    lines = valuation.valued_outcomes
    used = parameters(lines, reference).set_index("parameter_id")
    ids = parameter_ids(lines, reference.deadweight)
    total = np.zeros(simulation.draws)
    for number, (units, cost, hours, rate) in enumerate(zip(lines["units"], *(ids[of] for of in ids), strict=True)):
        names = [name for name in (cost, hours, rate) if name]
        own = used.loc[names].assign(parameter_id=[f"{name} of line {number}" for name in names])
        values = dict(zip(names, drawn(own, simulation.draws, simulation.seed), strict=True))
        total += units * values[cost] * values.get(hours, 1) * (1 - values.get(rate, 0))


def simulated(valuation: Valuation, reference: Reference, simulation: Simulation) -> None:
    """What a run does: ranges, chances, sensitivity and switching values of each ratio."""
    simulated_tables(reference, valuation, simulation)


def main() -> None:
    """Print the seconds of each way, and their ratios."""
    simulation = Simulation(draws=int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    facts, reference = load(Path("raw"), Path("reference"))
    valuations = [value_edition(facts, reference, edition) for edition in reference.editions.values()]

    def seconds(way: Callable[[Valuation, Reference, Simulation], None]) -> float:
        begin = time.perf_counter()
        for valuation in valuations:
            way(valuation, reference, simulation)
        return time.perf_counter() - begin

    limit, ours = seconds(random_numbers), seconds(simulated)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slow = seconds(by_line)
    print(f"{simulation.draws:,} draws, {len(valuations)} editions, {peak:.0f} MB at the peak")
    print(f"random numbers alone   {limit:6.2f} s")
    print(f"as a run does it       {ours:6.2f} s   {ours / limit:.1f} times the random numbers alone")
    print(f"drawing for each line  {slow:6.2f} s   {slow / ours:.1f} times as long as a run, for the market alone")


if __name__ == "__main__":
    main()
