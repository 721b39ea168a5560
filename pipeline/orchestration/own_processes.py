"""The processes of our own that a run has beside it, on another core.

Belongs here: which there are, started in the order in which a run needs them. What each does stands in a module of its
own; that which draws charts is started when it is known that there is something to draw.
"""

from pipeline.checks import great_expectations
from pipeline.common import beside

# Where the functions stand whose work is shared.
SHARED = ("pipeline.method.analysis.tables", "pipeline.report.site")


def start() -> None:
    """Start those that were not started before, and wait for none."""
    great_expectations.start()
    beside.start(*SHARED)
