"""Draws of uncertain parameters, each once per simulation and shared by all contracts that use it.

Belongs here: by which distribution they are drawn. How many may be asked for, and from which seed, stands in
``simulation``. Drawing a unit cost anew for each contract would let its errors cancel out, and a total look falsely
exact.
"""

import hashlib
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.facts.editions import Edition
from pipeline.method.analysis.simulation import Simulation
from pipeline.tables.analysis import UsedParameters
from pipeline.tables.typed import DataFrame

Floats = npt.NDArray[np.float64]
# How narrow the beta distribution is: alpha + beta. 6 is that of the PERT method (Malcolm et al. 1959).
BETA_WEIGHT = 6
# How many times as far from central as low and high the draws reach, so that 95 of 100 lie between low and high. It
# depends on where central lies between low (0) and high (1), alike on both sides. The places are closer near an end,
# where the factor changes little. Nearer than 0.05 it is 1: no draw lies beyond.
PLACES = (0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
REACHES = (1.0, 1.0006, 1.0016, 1.0036, 1.0067, 1.011, 1.0266, 1.048, 1.104, 1.170, 1.242, 1.310, 1.367, 1.403, 1.415)
# What no value of a kind of parameter can exceed; a rate above 1, where a study shows harm, can reach 2.
HIGHEST = {"unit_cost": math.inf, "hours_weight": 1.0, "deadweight": 1.0}
HIGHEST_HARM = 2.0


def drawn(table: DataFrame[UsedParameters], draws: int, seed: int, distribution: str = "beta") -> Floats:
    """Return draws of each parameter, shape ``(parameters, draws)``.

    Each parameter has a stream of its own, made from the seed and its id: its draws are the same whichever others there
    are, and in whatever order. Their mean is central, and 95 of 100 lie between low and high (``reach``).
    ``fixed`` gives central throughout; ``triangular`` takes only parameters that have a triangle.
    """
    result = np.empty((len(table), draws))
    ends = reach(table)

    def fill(number: int, values: Any) -> None:
        result[number] = values.central
        if distribution != "fixed" and values.high > values.low:
            rng = np.random.Generator(np.random.SFC64(_stream(str(values.parameter_id), seed)))
            least, most = ends[number]
            result[number] = _sample(rng, draws, least, values.central, most, distribution)

    # On all cores: while it draws, NumPy lets other threads go on.
    with ThreadPoolExecutor() as threads:
        list(threads.map(fill, range(len(table)), table.itertuples()))
    return result


def reach(table: DataFrame[UsedParameters]) -> Floats:
    """Return between which values each parameter is drawn, shape ``(parameters, 2)``.

    From ``central - r × (central - low)`` to ``central + r × (high - central)``, ``r`` from ``REACHES``, as far as
    there are such values: none lies below 0, and none above the ``HIGHEST`` of its kind. Where that cuts the range more
    than 95 of 100 draws lie between low and high.
    """
    low, central, high = (table[name].to_numpy(np.float64) for name in ("low", "central", "high"))
    place = np.divide(central - low, high - low, out=np.full(len(low), 0.5), where=high > low)
    further = np.interp(np.minimum(place, 1 - place), PLACES, REACHES)
    highest = table["kind"].map(HIGHEST).to_numpy(np.float64)
    highest = np.where(high > highest, HIGHEST_HARM, highest)
    least = np.maximum(central - further * (central - low), 0.0)
    return np.stack([least, np.minimum(central + further * (high - central), highest)], axis=1)


def without_triangle(table: DataFrame[UsedParameters]) -> DataFrame[UsedParameters]:
    """Return the parameters of which no triangle over their reach has central as its mean.

    A triangle can have it where central lies in the middle third of what is drawn.
    """
    least, most = reach(table).T
    top = _top(least, table["central"].to_numpy(np.float64), most)
    return table[(table["high"] > table["low"]).to_numpy() & ~((least <= top) & (top <= most))]


class NoTriangleError(ValueError):
    """An edition draws triangles, and of some parameters none has central as its mean.

    ``edition``: its id; ``found``: those parameters with low, central and high as their rows have them.
    """

    def __init__(self, edition: str, refused: DataFrame[UsedParameters]) -> None:
        """Take the parameters that were refused."""
        self.edition = edition
        self.found = [
            f"{row.parameter_id}: low {row.low:.15g}, central {row.central:.15g}, high {row.high:.15g}"
            for row in refused.itertuples()
        ]
        super().__init__(f"{edition}: no triangle has central as its mean: {'; '.join(self.found)}")


class Draws:
    """The draws of a simulation, each made when it is first asked for and kept: the editions of a run share most."""

    def __init__(self, simulation: Simulation) -> None:
        """Begin with none."""
        self.simulation = simulation
        self._kept: dict[tuple[object, ...], Floats] = {}

    def values(self, table: DataFrame[UsedParameters], edition: Edition) -> Floats:
        """Return what ``drawn`` does, by the distribution of an edition.

        Raises ``NoTriangleError``.
        """
        distribution = edition.distribution
        if distribution == "triangular" and len(refused := without_triangle(table)):
            raise NoTriangleError(edition.edition, refused)
        columns = (table[name] for name in ("parameter_id", "kind", "low", "central", "high"))
        keys = [(distribution, *values) for values in zip(*columns, strict=True)]
        new = [place for place, key in enumerate(keys) if key not in self._kept]
        made = drawn(table.iloc[new], self.simulation.draws, self.simulation.seed, distribution)
        self._kept.update(zip([keys[place] for place in new], made, strict=True))
        return np.array([self._kept[key] for key in keys]).reshape(len(keys), self.simulation.draws)


def _top(least: Any, central: Any, most: Any) -> Any:
    """The top of a triangle: its mean is that of its ends and its top."""
    return 3 * central - least - most


def _sample(
    rng: np.random.Generator, draws: int, least: float, central: float, most: float, distribution: str
) -> Floats:
    if distribution == "triangular":
        return rng.triangular(least, _top(least, central, most), most, draws)
    place = (central - least) / (most - least)
    return least + (most - least) * rng.beta(BETA_WEIGHT * place, BETA_WEIGHT * (1 - place), draws)


def _stream(parameter_id: str, seed: int) -> np.random.SeedSequence:
    words = np.frombuffer(hashlib.sha256(parameter_id.encode()).digest(), dtype="<u4")
    return np.random.SeedSequence([seed, *words.tolist()])
