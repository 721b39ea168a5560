"""Shapes of the small pictures that templates draw: widths of bars, places on a scale, lines over time.

Belongs here: turning figures of tables into percentages and points of a picture. What it looks like stands in
``pictures.html.j2``; charts with axes are drawn in ``pipeline.report.charts``.
"""

from collections.abc import Callable, Sequence

from pipeline.report.rows import Row, grouped

# The picture of lines over time, in units of its own; it is stretched to the width that there is.
WIDE, HIGH = 600, 160
# A bar that stands for something is seen.
LEAST = 0.5


def widths(rows: Sequence[Row], column: str) -> list[Row]:
    """Return rows with the ``width`` of a bar for a column, in per cent of the longest; 0 for what is not known."""
    most = max((abs(row[column] or 0) for row in rows), default=0)
    return [row | {"width": _rounded(100 * abs(row[column] or 0) / most, row[column]) if most else 0} for row in rows]


def _rounded(width: float, value: float | None) -> float:
    return max(round(width, 1), LEAST) if value else 0


def between(values: Sequence[float]) -> Callable[[float], float]:
    """Return the scale on which values lie between 0 and 100, 0 at nothing or at the least where that is below 0."""
    least, most = min(0.0, *values), max(values)
    span = most - least
    return lambda value: round(100 * (value - least) / span, 1) if span else 50.0


def lines_over_time(rows: Sequence[Row], maximum: Row | None) -> Row | None:
    """Return payments over time as lines, None without several: ``lines`` by series, ``first`` and ``last`` day.

    ``rows``: table ``payments_over_time`` of a contract; ``maximum``: the payment row of its maximum, if there is one.
    Each line has ``points``, ``last`` (its last row) and ``series``; ``maximum`` has the height of its line too.
    """
    by_series = grouped(rows, "series")
    # One payment is no course of them.
    if len(by_series.get("paid", [])) < 2:
        return None
    days = [row["period_end"] for row in rows]
    first, last = min(days), max(days)
    amounts = [row["cumulated_gbp"] for row in rows] + ([maximum["amount_gbp"]] if maximum else [])
    most, span = max(amounts), max((last - first).days, 1)

    def height(amount: float) -> float:
        return round(HIGH * (1 - max(amount, 0) / most), 1) if most > 0 else HIGH

    return {
        "first": first,
        "last": last,
        "maximum": maximum and {"row": maximum, "height": height(maximum["amount_gbp"])},
        "lines": [
            {
                "series": series,
                "last": line[-1],
                "points": " ".join(
                    f"{round(WIDE * (row['period_end'] - first).days / span, 1):g},{height(row['cumulated_gbp']):g}"
                    for row in line
                ),
            }
            for series, line in by_series.items()
        ],
    }
