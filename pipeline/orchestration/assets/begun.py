"""Analyses that need no valuation, begun on another core while the valuation is worked out.

Belongs here: which work is under way in this process, and for which inputs. Which analyses these are stands in
``method.analysis.tables``; a run in which none was begun works them out when they are asked for.
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.common import beside
from pipeline.facts.editions import Edition
from pipeline.method.analysis.tables import begun_analyses
from pipeline.orchestration.assets.inputs import Inputs
from pipeline.report import drawing

# Where the functions stand whose work is shared with another process, and what that one does until it is asked.
SHARED = (
    "pipeline.method.analysis.tables",
    "pipeline.report.site",
    "pipeline.report.bundles",
    "pipeline.report.wording:compile_templates",
)
# By the version of all that they are made from, and the editions in their order.
_UNDER_WAY: dict[tuple[str, ...], "beside.Work[dict[str, pd.DataFrame]]"] = {}


def start_beside() -> None:
    """Start the other process and the renderer of charts, where none was: a run calls it once it finds work to do.

    Both load while this process still reads, and are ready when there is something to share or to draw.
    """
    beside.start(*SHARED)
    drawing.start()


def begin(inputs: Inputs, editions: Sequence[Edition]) -> None:
    """Begin with the analyses of editions that are about to be valued."""
    start_beside()
    _UNDER_WAY.clear()
    _UNDER_WAY[_key(inputs, editions)] = begun_analyses(inputs.facts, inputs.reference, editions)


def begun(inputs: Inputs, editions: Sequence[Edition]) -> "beside.Work[dict[str, pd.DataFrame]] | None":
    """Return, once, what was begun of just these editions from just these inputs; None where nothing was."""
    return _UNDER_WAY.pop(_key(inputs, editions), None)


def _key(inputs: Inputs, editions: Sequence[Edition]) -> tuple[str, ...]:
    return inputs.edition_version, *(edition.edition for edition in editions)
