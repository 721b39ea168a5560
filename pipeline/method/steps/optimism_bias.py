"""What is taken off for weak evidence, as in the cost-benefit model of Greater Manchester.

Belongs here: which correction a line of value takes by the grades of what it rests on. The corrections themselves are
data (``reference/optimism_bias.csv``); that a rate of deadweight is taken off as well is the matter of
``additionality``.
"""

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.tables.parameters import OptimismBias
from pipeline.tables.typed import DataFrame

EVIDENCE_GRADES = ("unit_cost_grade", "deadweight_grade", "mapping_grade")


def corrections_of(optimism_bias: DataFrame[OptimismBias], edition: Edition) -> DataFrame[OptimismBias]:
    """Return the corrections that the edition takes: all, or none."""
    return optimism_bias if edition.optimism_bias == "by_grade" else optimism_bias.iloc[:0]


def is_unverified(corrections: DataFrame[OptimismBias]) -> bool:
    """Tell whether some correction has not been read in its primary source."""
    return not corrections["is_verified"].all()


def with_optimism_bias(lines: pd.DataFrame, corrections: DataFrame[OptimismBias] | None) -> pd.DataFrame:
    """Add ``optimism_bias``, the share by which the value of each line is less.

    ``lines``: their ``EVIDENCE_GRADES``, empty where there is no such evidence; ``corrections``: none, or no row, for
    none. The largest correction of a line's grades is taken; a value below nothing comes nearer to it likewise. Raises
    ``KeyError`` for a grade without a correction.
    """
    if corrections is None or corrections.empty:
        return lines.assign(optimism_bias=0.0)
    by_grade = {"": 0.0} | dict(zip(corrections["grade"], corrections["optimism_bias"].astype(float), strict=True))
    grades = zip(*(lines[column].to_list() for column in EVIDENCE_GRADES), strict=True)
    return lines.assign(optimism_bias=[max(by_grade[grade] for grade in found) for found in grades])
