"""What `dagster-webserver -m pipeline.orchestration.code_location` loads: the graph over the default folders.

Belongs here: that one name. Everything else builds its definitions when it needs them.
"""

from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.settings import Settings

defs = build_definitions(Settings.default())
