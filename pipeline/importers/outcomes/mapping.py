"""What is still to do after an import: say which outcome each new metric counts.

Belongs here: the header of ``metric_outcomes.csv``, a row to fill in for each metric, and what to choose from, as text.
Nothing is chosen here: that is a judgement, and nothing is valued until somebody has made it.
"""

import csv
import io
from collections.abc import Iterator, Mapping

from pipeline.facts.files import nearest
from pipeline.facts.reference import Reference
from pipeline.importers.outcomes.forms import source_of
from pipeline.tables.reference import MetricOutcomes
from pipeline.tables.vocabulary import COUNTED_TREATMENTS, MAPPING_GRADES, PRICED_TREATMENTS, TREATMENTS

COLUMNS = tuple(MetricOutcomes.to_schema().columns)


def left_to_map(
    contract_id: str, metrics: Mapping[str, str], outcome_of: Mapping[str, str], policy_area: str, reference: Reference
) -> Iterator[str]:
    """Yield lines on the metrics that have no row yet; none if all have one.

    ``metrics``: labels by id; ``outcome_of``: the outcome that whoever filled in the file thinks of, by metric, in
    words of their own; it is filled in where it names one outcome.
    """
    mapped = reference.metric_outcomes
    known = set(mapped["metric_id"][mapped["contract_id"] == contract_id])
    new = [metric for metric in metrics if metric not in known]
    if not new:
        return
    names = dict(zip(reference.outcome_types["outcome_id"], reference.outcome_types["name"], strict=True))
    file = f"{reference.folder}/metric_outcomes.csv"
    yield f"still to do in {file}: say what each metric counts. Its header, and a row to complete for each:"
    yield ",".join(COLUMNS)
    named = {metric: _only(outcome_of.get(metric, ""), names) for metric in new}
    for metric in new:
        given = {"contract_id": contract_id, "metric_id": metric, "source_id": source_of(contract_id)}
        yield _as_csv(given | {"outcome_id": named[metric]})
    needed = "A metric treated as rung needs milestone and milestone_unit, such as 13,week."
    yield f"treatment: one of {', '.join(TREATMENTS)}. {needed}"
    yield f"grade of the evidence, for {', '.join(PRICED_TREATMENTS)}: {', '.join(MAPPING_GRADES)}. reason: yours."
    for metric in new:
        near = nearest(outcome_of.get(metric, ""), names) or nearest(metrics[metric], names)
        if near and not named[metric]:
            yield f"outcome_id that may fit {metric} ({metrics[metric]}): {_named(near, names)}"
    area, file = policy_area.replace("_", " "), f"{reference.folder}/outcome_types.csv"
    yield f"outcomes in {area} (all outcomes are in {file}):"
    yield from _outcomes_of(policy_area, reference)


def _outcomes_of(policy_area: str, reference: Reference) -> Iterator[str]:
    """A line for each outcome of a policy area, and whether a metric of it can be given a value."""
    types = reference.outcome_types
    priced = set(reference.outcome_unit_costs["outcome_id"])
    for row in types[types["policy_area"] == policy_area].itertuples():
        without = (
            ""
            if row.outcome_id in priced
            else f"; it has no unit cost, so it cannot be {' or '.join(COUNTED_TREATMENTS)}"
        )
        yield f"  {row.outcome_id}: {row.name} (counted by the {row.unit}{without})"


def _only(words: str, names: Mapping[str, str]) -> str:
    """The id of the outcome that some words name in full; nothing if they name none."""
    same = [id_ for id_, name in names.items() if words and words.lower() in (id_.lower(), name.lower())]
    return same[0] if len(same) == 1 else ""


def _named(ids: list[str], names: Mapping[str, str]) -> str:
    return ", ".join(f"{id_} ({names[id_]})" for id_ in ids)


def _as_csv(row: Mapping[str, str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="").writerow([row.get(name, "") for name in COLUMNS])
    return out.getvalue()
