"""The web server starts on the graph, and ends when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

PATIENCE_SECONDS = 120
SERVE = """
import sys
from pathlib import Path
from typing import Any
from pipeline.orchestration.settings import Settings
from pipeline.orchestration.ui import serve
root, folder, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
sys.exit(serve(Settings(root / "raw", root / "reference", folder / "reports", folder / "data"), port, read_only=True))
"""
ASSETS = "{ assetNodes { assetKey { path } hasMaterializePermission } }"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answer(url: str, data: bytes | None = None) -> Any:
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


@pytest.mark.slow
def test_the_ui_shows_the_graph_and_stops_when_told(tmp_path: Path, project_root: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", SERVE, str(project_root), str(tmp_path), str(port)]
    with subprocess.Popen(command, cwd=project_root) as process:
        try:
            info = _first_answer(f"http://127.0.0.1:{port}/server_info", process)
            assert "dagster_webserver_version" in info
            query = json.dumps({"query": ASSETS}).encode()
            nodes = answer(f"http://127.0.0.1:{port}/graphql", query)["data"]["assetNodes"]
        finally:
            os.kill(process.pid, signal.SIGINT)
            status = process.wait(PATIENCE_SECONDS)
    assert status == 0
    assert "headline" in {node["assetKey"]["path"][-1] for node in nodes}
    assert not any(node["hasMaterializePermission"] for node in nodes)
    configuration = (tmp_path / "data/dagster/dagster.yaml").read_text(encoding="utf-8")
    assert "telemetry:\n  enabled: false" in configuration
    assert "nux:\n  enabled: false" in configuration


def _first_answer(url: str, process: "subprocess.Popen[bytes]") -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            return answer(url)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.5)
    pytest.fail("the web server did not answer")
