"""What `dagster-webserver -m pipeline.orchestration.server.code_location` loads: the graph over the default folders.

Belongs here: that one name. Everything else builds its definitions when it needs them.
"""

import multiprocessing

from pipeline.checks import great_expectations

if multiprocessing.parent_process():
    # Dagster loads this in the process of a run too, which it starts in this way: what takes longest to come begins
    # before all else.
    great_expectations.start()

from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.settings import Settings

defs = build_definitions(Settings.default())
