"""The sum of ``model.js`` in Python: what a state of switches and values brings to market, areas and contracts.

Belongs here: the lines that count in a state, their sums, and which parameters are worth a slider. It says what the
script does; the data are those of ``model``, the rules those of ``method.steps``.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.method.steps.ratios import ratio
from pipeline.report.pages.model import LAYERS, Model

MARKET = "market"
# By how much a parameter must move the ratio of the market, from its low to its high end, to have a slider.
LEAST_SWING = 0.005


@dataclass(frozen=True)
class Line:
    """A line of value in a state: its contract, the parameters that it takes, its net value in pounds."""

    contract: int
    cost: int
    hours: int
    rate: int
    rate_value: float
    is_counted: bool
    is_transfer: bool
    is_public: bool
    is_fiscal: bool
    people: float
    gross_gbp: float
    net_gbp: float


@dataclass(frozen=True)
class Sums:
    """What a state brings to a contract, an area or the market: pounds, None where they are not known."""

    payments_gbp: float | None
    public_gbp: float | None
    fiscal_gbp: float | None
    is_in_ratio: bool

    @property
    def ratio(self) -> float | None:
        """Public value for each pound of payments, None outside the ratio."""
        return self._per_pound(self.public_gbp)

    @property
    def fiscal_ratio(self) -> float | None:
        """Fiscal value for each pound of payments, None outside the ratio."""
        return self._per_pound(self.fiscal_gbp)

    def _per_pound(self, value: float | None) -> float | None:
        if not self.is_in_ratio or value is None or not self.payments_gbp:
            return None
        return ratio(value, self.payments_gbp)


def evaluated(
    model: Model, choices: Mapping[str, str] | None = None, values: Mapping[str, float] | None = None
) -> dict[str, Sums]:
    """Return the sums of the market, of each area and of each contract in a state, by ``scope`` as ``model.js`` has it.

    ``choices``: options of switches that are not as published; ``values``: of parameters, by id, likewise.
    """
    return _sums(model, {**model["published"], **(choices or {})}, values or {})[0]


def sliders_of(model: Model) -> list[str]:
    """Return the ids of the parameters that move the ratio by ``LEAST_SWING`` or more, from low to high end.

    In the published state or with one switch turned; the lines that count stay the same meanwhile. First those that
    move the published ratio furthest, then those that move another one.
    """
    published = _swings(model, model["published"])
    most: dict[str, float] = {}
    for choices in _near(model):
        for name, swing in _swings(model, choices).items():
            most[name] = max(swing, most.get(name, 0.0))
    moving = [name for name, swing in most.items() if swing >= LEAST_SWING]
    return sorted(moving, key=lambda name: (-published.get(name, 0.0), -most[name], name))


def _swings(model: Model, choices: Mapping[str, str]) -> dict[str, float]:
    """By how much each parameter moves the ratio of the market, its lines as they are; by id."""
    sums, lines = _sums(model, choices, {})
    slopes: dict[int, float] = defaultdict(float)
    for line in lines if sums[MARKET].payments_gbp else ():
        if line.is_public:
            slopes[line.cost] += _slope(model, line.cost, line, choices)
            slopes[line.hours] += _slope(model, line.hours, line, choices)
            slopes[line.rate] -= line.net_gbp / (1 - line.rate_value) if line.rate_value != 1 else 0.0
    paid, parameters = sums[MARKET].payments_gbp or 1.0, model["parameters"]
    moved = ((parameters[place], abs(slope) / paid) for place, slope in slopes.items() if place >= 0)
    return {each["id"]: slope * (each["high"] - each["low"]) for each, slope in moved}


def _slope(model: Model, place: int, line: Line, choices: Mapping[str, str]) -> float:
    """By how many pounds a line moves for each unit of its cost or of its weight of hours."""
    parameter = model["parameters"][place]
    if place < 0 or (parameter["kind"] == "unit_cost" and choices["unit_value_level"] != "central"):
        return 0.0
    return line.net_gbp / parameter["central"] if parameter["central"] else 0.0


def _near(model: Model) -> Iterator[dict[str, str]]:
    """The published choices, and each with one switch turned."""
    yield model["published"]
    for switch, options in model["options"].items():
        for option in options:
            if option != model["published"][switch]:
                yield {**model["published"], switch: option}


def _sums(model: Model, choices: Mapping[str, str], values: Mapping[str, float]) -> tuple[dict[str, Sums], list[Line]]:
    """The sums of a state by scope, and the lines in the ratio."""
    paid = model["paid"][choices["straddling"]][choices["payment_bases"]]
    of_base = paid[choices["price_base"]]
    lines = _counting(model, choices, values)
    number = len(model["contracts"])
    public, fiscal, valued, known = [0.0] * number, [0.0] * number, [False] * number, [False] * number
    for line in lines:
        public[line.contract] += line.net_gbp * line.is_public
        fiscal[line.contract] += line.net_gbp * line.is_fiscal
        valued[line.contract] |= line.people > 0
        known[line.contract] |= line.people > 0 or line.gross_gbp != 0
    # Where all money went back, later prices would leave an amount in real terms that nobody paid.
    is_paid = [all(paid[base][place] > 0 for base in paid) for place in range(number)]
    of_contracts = [
        Sums(
            of_base[place] if of_base[place] else None,
            _pence(public[place]) if known[place] else None,
            _pence(fiscal[place]) if known[place] else None,
            valued[place] and is_paid[place],
        )
        for place in range(number)
    ]
    found = {MARKET: _added(of_contracts)}
    for area in dict.fromkeys(sorted(model["areas"])):
        of_area = (each for each, own in zip(of_contracts, model["areas"], strict=True) if own == area)
        found[f"area/{area}"] = _added(list(of_area))
    found |= {f"contract/{name}": each for name, each in zip(model["contracts"], of_contracts, strict=True)}
    return found, [line for line in lines if of_contracts[line.contract].is_in_ratio]


def _added(contracts: Sequence[Sums]) -> Sums:
    """Sums over the contracts in the ratio."""
    counted = [each for each in contracts if each.is_in_ratio]
    if not counted:
        return Sums(None, None, None, False)
    return Sums(
        _pence(sum(each.payments_gbp or 0.0 for each in counted)),
        _pence(sum(each.public_gbp or 0.0 for each in counted)),
        _pence(sum(each.fiscal_gbp or 0.0 for each in counted)),
        True,
    )


def _counting(model: Model, choices: Mapping[str, str], values: Mapping[str, float]) -> list[Line]:
    """The lines that count in a state, no benefit twice: of a group the ladder with the largest net value."""
    candidates: dict[tuple[int, str], dict[str, list[tuple[Line, float]]]] = defaultdict(lambda: defaultdict(list))
    found = []
    for line, group, ladder, units in _lines(model, choices, values):
        if not line.is_counted:
            continue
        if group and choices["set_asides"] != "none":
            candidates[line.contract, group][ladder].append((line, units))
        else:
            found.append(line)
    for ladders in candidates.values():
        best = min(
            sorted(ladders),
            key=lambda name: (-sum(each.net_gbp for each, _ in ladders[name]), -max(u for _, u in ladders[name])),
        )
        found += [line for line, _ in ladders[best]]
    # A transfer that counts nowhere is set aside after that: it may have won.
    return [line for line in found if not (line.is_transfer and choices["transfers"] == "neither")]


def _lines(
    model: Model, choices: Mapping[str, str], values: Mapping[str, float]
) -> Iterator[tuple[Line, str, str, float]]:
    """Every line of a state with its overlap group, its ladder and its units."""
    options = model["options"]
    time, of_list = options["time"].index(choices["time"]), options["value_set"].index(choices["value_set"])
    straddling, straddlings = options["straddling"].index(choices["straddling"]), len(options["straddling"])
    layer = LAYERS.index(choices["deadweight_layer"]) if choices["deadweight_layer"] != "none" else -1
    runs = model["runs"][time]
    taken = [_taken(parameter, choices["unit_value_level"], values) for parameter in model["parameters"]]
    by_outcome: dict[str, list[list[Any]]] = defaultdict(list)
    for value in model["values"]:
        if value[-1] >> of_list & 1:
            by_outcome[value[0]].append(value)
    for contract, outcome, is_counted, is_net, ladder, grade, people, units, rates, bits in model["rows"]:
        if not bits >> (of_list * straddlings + straddling) & 1:
            continue
        rate = -1 if layer < 0 else rates[layer]
        rate_grade = model["parameters"][rate]["grade"] if rate >= 0 else ""
        rate_value = taken[rate] if rate >= 0 else 0.0
        if model["flat"] is not None and layer >= 0 and not is_net:
            rate, rate_grade, rate_value = -1, "weak", model["flat"]
        for _, cost, hours, factor, per_unit, is_fiscal, is_transfer, group, horizon, _ in by_outcome[outcome]:
            counted = people * runs[horizon] if runs and horizon >= 0 else units[time]
            unit_value = taken[cost] * factor * (per_unit * (taken[hours] if hours >= 0 else 1.0))
            grades = (model["parameters"][cost]["grade"], rate_grade, grade)
            off = max(model["bias"].get(each, 0.0) for each in grades) if choices["optimism_bias"] != "none" else 0.0
            gross = _pence(counted * unit_value)
            net = _pence(gross * (1 - rate_value) * (1 - off))
            is_public = not is_transfer or choices["transfers"] == "both"
            kinds = (bool(is_counted), bool(is_transfer), is_public, bool(is_fiscal))
            line = Line(contract, cost, hours, rate, rate_value, *kinds, people, gross, net)
            yield line, group, ladder, counted


def _taken(parameter: Mapping[str, Any], level: str, values: Mapping[str, float]) -> float:
    """The value of a parameter in a state: what is set, of a unit cost only where its central value counts."""
    if level != "central" and parameter["kind"] == "unit_cost":
        return float(parameter[f"at_{level}"])
    return float(values.get(parameter["id"], parameter["central"]))


def _pence(gbp: float) -> float:
    """Round to the penny as the method does: halves to the even one."""
    return round(gbp * 100) / 100
