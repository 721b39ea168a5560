"""What a process has imported from which runs are forked, so that no run has to.

Belongs here: that it is imported. Nothing of what lies in the folders: each run looks for itself.
"""

from importlib import import_module

import pipeline.orchestration.definitions  # noqa: F401
from pipeline.orchestration.assets.inputs import loaded_program_version
from pipeline.orchestration.dagster_internals import CODE_SERVER

import_module(CODE_SERVER)
# The version of what has just been imported: it stays that, whatever is edited before a run begins.
loaded_program_version()
