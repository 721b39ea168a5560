"""What Dagster loads: the graph over the default folders.

The UI's code server loads it, ``dg dev`` and ``dagster-webserver -m pipeline.orchestration.server.code_location`` do,
and so does the process of each run. To import it starts nothing, but in the process of a run.

Belongs here: that one name, ``defs``. Everything else builds its definitions when it needs them.
"""

import multiprocessing

from pipeline.checks import great_expectations
from pipeline.common.memory import set_up_memory

if multiprocessing.parent_process():
    # Dagster starts the process of a run by ``multiprocessing``, and nothing else that loads this. What takes longest
    # to come begins there before all else.
    set_up_memory()
    great_expectations.start()

from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.server.forked_runs import fork_runs
from pipeline.orchestration.settings import Settings

fork_runs()
defs = build_definitions(Settings.default())
