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
import pandas as pd

from pipeline.facts.load import load
from pipeline.facts.reference import Reference
from pipeline.method.published import simulated_tables
from pipeline.method.uncertainty import Simulation, cost_ids, drawn, parameters, rate_ids
from pipeline.method.valuation import Valuation, value_edition


def random_numbers(valuation: Valuation, reference: Reference, simulation: Simulation) -> None:
    """Draw all parameters, and nothing else."""
    used = parameters(valuation.valued_outcomes, reference.unit_costs, reference.deadweight)
    drawn(used, simulation.draws, simulation.seed)


def by_line(valuation: Valuation, reference: Reference, simulation: Simulation) -> None:
    """Draw unit cost and deadweight anew for each line, and add up the market."""
    lines = valuation.valued_outcomes
    used = parameters(lines, reference.unit_costs, reference.deadweight).set_index("parameter_id")
    costs, rates = cost_ids(lines), rate_ids(lines, reference.deadweight)
    total = np.zeros(simulation.draws)
    for number, (cost, rate, units) in enumerate(zip(costs, rates, lines["units"], strict=True)):
        own = pd.concat([used.loc[[cost]], used.loc[[rate] if rate else []]])
        own = own.assign(parameter_id=[f"{name} of line {number}" for name in own.index])
        values = drawn(own, simulation.draws, simulation.seed)
        total += units * values[0] * (1 - values[1] if rate else 1)


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
