"""What a process has imported from which runs are forked, so that no run has to.

Belongs here: that it is imported. Nothing of what lies in the folders: each run looks for itself.
"""

import gc
from importlib import import_module

from pipeline.common.memory import set_up_memory
from pipeline.facts.versions import program_version
from pipeline.orchestration.dagster_internals import CODE_SERVER
from pipeline.orchestration.server.forked_runs import tell

set_up_memory()
version = program_version()
for name in (CODE_SERVER, "pipeline.orchestration.definitions"):
    import_module(name)

from pipeline.orchestration.assets.inputs import loaded_program_version  # noqa: E402

# It stays that, whatever is edited before a run begins.
loaded_program_version()
# A run that looks for garbage leaves out what was imported here, and so goes on sharing that memory with this process.
gc.freeze()
# What was edited meanwhile may have been imported or not.
if version == program_version():
    tell(version)
