"""What the page of a contract says of pounds: who gains, what moves the ratio, ranges, agreed prices.

Belongs here: choosing and ordering rows of one contract for its sections on value and payments; no figure is worked
out.
"""

from pipeline.report.pages.gathered import Gathered
from pipeline.report.pages.pictures import between, widths
from pipeline.report.rows import Row, alike

# So many parameters, those that move the ratio furthest, are drawn.
MOVERS = 6


def gains(agencies: list[Row]) -> list[Row]:
    """Return who gains how much public value, most first, with the width of its bar."""
    public = [row for row in agencies if not row["is_transfer"] and row["value_gbp"]]
    return widths(public, "value_gbp")


def moved(sensitivity: list[Row], gathered: Gathered, contract: Row) -> Row | None:
    """Return what moves the ratio of a contract furthest, None where nothing does.

    ``bars``: each with the places of its ends; ``own``: the place of the ratio.
    """
    shown = sensitivity[:MOVERS]
    if not shown:
        return None
    ends = [row[name] for row in shown for name in ("ratio_at_low", "ratio_at_high")]
    place = between([*ends, contract["bcr"]])
    return {
        "bars": [
            row
            | {
                "name": _named(row, gathered),
                "price_year": gathered.price_years.get(row["parameter_id"].split("/")[1]),
                "left": place(min(row["ratio_at_low"], row["ratio_at_high"])),
                "right": place(max(row["ratio_at_low"], row["ratio_at_high"])),
            }
            for row in shown
        ],
        "own": place(contract["bcr"]),
        "more": len(sensitivity) - len(shown),
    }


def _named(parameter: Row, gathered: Gathered) -> str:
    """What a parameter is of: an outcome, a unit cost, hours of work."""
    kind, *rest = parameter["parameter_id"].split("/")
    names = {"deadweight": gathered.outcomes, "unit_cost": gathered.unit_costs}.get(kind, {})
    id_ = rest[1] if kind == "deadweight" else rest[0]
    return names.get(id_, id_.replace("_", " "))


def maximum(payments: list[Row]) -> Row | None:
    """Return the most that may be paid under the contract, where one row says it."""
    found = [row for row in payments if row["basis"] == "commitment"]
    return found[0] if len(found) == 1 else None


def ranges(lines: list[Row]) -> dict[str, list[Row]]:
    """Return lines with each unit cost and each rate once, for the reasons of their ranges; net counts take no rate."""
    rates = [row for row in lines if row["deadweight_range_reason"] is not None]
    return {
        "unit_costs": [group[0] for group in alike(lines, "unit_cost_id")],
        "rates": [group[0] for group in alike(rates, "deadweight_range_reason", "deadweight_low")],
    }


def agreed(checks: list[Row], prices: list[Row]) -> Row | None:
    """Return what a contract agreed to pay for one of each metric, None without a price.

    ``metrics``: a row for each; ``together``: the row of all; ``is_paid_apart``: payments name the metric of some;
    ``anchors``: where each price is on the page, by metric.
    """
    if not checks:
        return None
    metrics = [row for row in checks if row["metric_id"]]
    return {
        "metrics": metrics,
        "anchors": {row["metric_id"]: row["anchor"] for row in prices},
        "together": next(row for row in checks if not row["metric_id"]),
        "is_paid_apart": any(row["paid_gbp"] is not None for row in metrics),
    }
