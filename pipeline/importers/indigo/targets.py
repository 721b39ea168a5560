"""Targets of a contract: the numbers to reach, metric by metric.

Belongs here: INDIGO's table of metrics, of which the targets are read and nothing else. It is joined with nothing: its
ids repeat. A target of an id that stands there twice is one of nobody knows which metric, and is rejected. So is one
that is no plain number: most are prose, which is not copied.
"""

from collections import Counter
from collections.abc import Iterator

from pipeline.importers.imported import Row
from pipeline.importers.indigo.cells import Rejections, locator_of, on_one_line, plain
from pipeline.importers.indigo.columns import METRICS, TARGET_OUTCOME, TARGET_PEOPLE, TARGET_UNIT, TARGET_UNIT_NAME
from pipeline.importers.indigo.export import Export

TWICE = "its metric id stands twice among the metrics"
MEASURES = {"users": TARGET_PEOPLE, "outcome": TARGET_OUTCOME}
# What INDIGO's words for a unit, in small letters, are here; the longer ones are looked for first.
UNIT_WORDS = {"bed day": "day", "famil": "family", "individual": "person", "patient": "person"}


def targets(export: Export, rejections: Rejections) -> Iterator[Row]:
    """Yield each target that is a plain number, of a metric that it is sure to be of."""
    twice = ids_that_stand_twice(export, rejections.contract_id)
    for ordinal, row in enumerate(export.metrics.get(rejections.contract_id, []), start=1):
        metric_id = on_one_line(row["Id"])
        for measure, column in MEASURES.items():
            if not row[column]:
                continue
            if not metric_id or metric_id in twice:
                rejections.add(METRICS, ordinal, column, row[column], TWICE if metric_id else "no metric id")
                continue
            target = rejections.amount(METRICS, ordinal, column, row[column])
            if target is not None:
                yield {
                    "metric_id": metric_id,
                    "measure": measure,
                    "target": plain(target),
                    # The unit stands beside the number of users; what a metric's own target counts is not said.
                    "unit": _unit(row) if measure == "users" else "",
                    "locator": locator_of(METRICS, rejections.contract_id, ordinal),
                }


def ids_that_stand_twice(export: Export, contract_id: str) -> frozenset[str]:
    """Return the ids that INDIGO's table of metrics gives to more than one metric of a contract."""
    times = Counter(on_one_line(row["Id"]) for row in export.metrics.get(contract_id, []))
    return frozenset(metric_id for metric_id, count in times.items() if count > 1)


def _unit(row: Row) -> str:
    """What one of the users is: by the description, else by the type; nothing if neither is given."""
    given = row[TARGET_UNIT_NAME] or row[TARGET_UNIT]
    return next((unit for word, unit in UNIT_WORDS.items() if word in given.lower()), "other" if given else "")
