"""The UI as a process: it answers, shows what was published, and leaves neither runs nor processes behind."""

import json
import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from websockets import InvalidStatus, Origin, Subprotocol
from websockets.sync.client import connect

from pipeline.orchestration.server.forked_runs import IMPORTED
from pipeline.orchestration.server.instance import POSTGRES_URL, open_records
from pipeline.orchestration.server.pictures import kept
from pipeline.orchestration.server.runs import LEFT_BEHIND
from pipeline.orchestration.server.ui import LOCATION_NAME, USED_WRONGLY, serve
from pipeline.orchestration.settings import Settings
from tests.orchestration.ui_process import (
    ASSETS,
    PATIENCE_SECONDS,
    UI,
    OpenUI,
    ends,
    free_port,
    opening,
    status,
    wait_for,
)

# In the command of a process from which others are forked, and of those, which keep it.
FORK_SERVER = "multiprocessing.forkserver"
HEALTH = "{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"
RELOAD = """
mutation ($location: String!) { reloadRepositoryLocation(repositoryLocationName: $location) { __typename } }
"""


def processes(folder: Path) -> dict[int, str]:
    """The commands of all processes that were started for a UI over this folder, by their numbers."""
    data, found = os.fsencode(f"PUBLICVALUE_DATA={folder}/data"), {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if data in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # ended meanwhile, or somebody else's
            continue
    return found


def forks(folder: Path) -> bool:
    """Whether the process is there, and says so, from which a UI over this folder forks its runs."""
    for process, command in processes(folder).items():
        if FORK_SERVER in command:
            environment = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
            (told,) = (each for each in environment if each.startswith(f"{IMPORTED}=".encode()))
            return Path(os.fsdecode(told.partition(b"=")[2])).exists()
    return False


def get(url: str, method: str = "GET", **headers: str) -> tuple[int, "Message[str, str]", bytes]:
    try:
        asked = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()}, method=method)
        with urllib.request.urlopen(asked, timeout=60) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.fixture
def open_ui() -> Iterator[OpenUI]:
    """Opens a UI; what a test has not stopped is killed at its end."""
    with opening() as open_one:
        yield open_one


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UI]:
    """A UI that tests may ask, but not stop; of the made-up location, without an output folder."""
    running = UI(tmp_path_factory.mktemp("served"), prefix="/below", public_urls=["https://values.example.org"])
    try:
        yield running.ready()
    finally:
        status = running.stop()
    assert status == 0
    assert not processes(running.folder)


# --- While it is open -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_all_that_it_needs_is_at_work(ui: UI) -> None:
    def healthy() -> bool:
        daemons = ui.ask(HEALTH)["instance"]["daemonHealth"]["allDaemonStatuses"]
        return all(daemon["healthy"] for daemon in daemons if daemon["required"])

    wait_for(healthy)
    assert ends(ui, ui.launch("lasting", seconds=0)) == "SUCCESS"


@pytest.mark.slow
def test_definitions_can_be_read_again(ui: UI) -> None:
    def loaded_by() -> set[int]:
        return {pid for pid, command in processes(ui.folder).items() if " api grpc " in command}

    before = loaded_by()
    assert ui.ask(RELOAD, location=LOCATION_NAME)["reloadRepositoryLocation"]["__typename"] == "WorkspaceLocationEntry"
    assert before
    assert loaded_by() - before
    assert ui.ask(ASSETS)["assetNodes"]


@pytest.mark.slow
def test_a_run_that_is_killed_starts_again_and_one_that_fails_does_not(ui: UI) -> None:
    assert ends(ui, ui.launch("failing")) == "FAILURE"
    crashed = ui.launch("crashing")
    assert ends(ui, crashed) == "FAILURE"
    with open_records(ui.settings) as records:

        def attempts() -> list[str]:
            runs = records.get_runs()
            return [run.status.value for run in runs if crashed in (run.run_id, run.root_run_id)]

        wait_for(lambda: attempts() == ["FAILURE"] * 3)
        assert sum(run.status == dg.DagsterRunStatus.FAILURE for run in records.get_runs()) == 4


@pytest.mark.slow
def test_what_was_published_can_be_read_and_nothing_else(ui: UI) -> None:
    reports = ui.settings.out_dir
    for url in (f"{ui.url}/reports", f"http://127.0.0.1:{ui.port}/reports"):
        assert get(f"{url}/open-2026/headline.md")[0] == 404
    for name in ("headline.md", "checks.html", "x.parquet", ".hidden"):
        path = reports / "open-2026" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("£1", encoding="utf-8")
    for name in (".lock", ".publishing/headline.md", "../secret.md"):
        path = reports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("secret", encoding="utf-8")
    (reports / "link.md").symlink_to(ui.folder / "secret.md")
    kinds = {
        "headline.md": "text/plain; charset=utf-8",
        "checks.html": "text/html; charset=utf-8",
        "x.parquet": "application/vnd.apache.parquet",
    }
    for url in (f"{ui.url}/reports", f"http://127.0.0.1:{ui.port}/reports"):
        for name, kind in kinds.items():
            found, headers, body = get(f"{url}/open-2026/{name}")
            assert (found, headers["content-type"], body.decode()) == (200, kind, "£1")
            assert headers["cache-control"] == "no-cache"
            assert "connect-src 'none'" in headers["content-security-policy"]
            assert headers["content-security-policy"].endswith("; frame-ancestors 'none'")
        hidden = ".lock", ".publishing/headline.md", "open-2026/.hidden", "link.md"
        for name in (*hidden, "../secret.md", "%2e%2e/secret.md", "..%2fsecret.md", "open-2026/..%2f.lock", "%00"):
            assert get(f"{url}/{name}")[0] == 404, name
        assert get(f"{url}/open-2026/headline.md", "DELETE")[0] == 405


@pytest.mark.slow
def test_every_address_that_it_prints_answers(ui: UI) -> None:
    said = ui.printed()
    addresses = re.findall(r"http://\S+", said)
    assert addresses == [f"{ui.url}/", f"{ui.url}/reports/"]
    # With the last slash and without, as people type them; below the prefix and, as the UI links to them, not.
    for address in (*addresses, *(a.rstrip("/") for a in addresses), f"http://127.0.0.1:{ui.port}/reports"):
        assert get(address)[0] == 200, address


@pytest.mark.slow
def test_the_guard_stands_before_all_that_it_answers(ui: UI) -> None:
    for path in ("/", "/graphql", "/reports/", "/server_info", "/favicon.ico", "/charts/x.svg", "/none", "/below/"):
        url = f"http://127.0.0.1:{ui.port}{path}"
        for refused in (get(url, host="attacker.example"), get(url, sec_fetch_site="cross-site")):
            assert refused[0] in (403, 421), path
            assert refused[1]["x-frame-options"] == "DENY", path
        _, headers, _ = get(url)
        assert headers["x-frame-options"] == "DENY", path
        assert headers["content-security-policy"].endswith("frame-ancestors 'none'"), path
    _, headers, _ = get(f"{ui.url}/", host="values.example.org", origin="https://values.example.org")
    assert headers["content-security-policy"].startswith("base-uri 'none'; object-src 'none'; script-src 'nonce-")
    assert get(f"{ui.url}/graphql?query=%7Bversion%7D")[0] == 405
    for name in ("materialization", "check", "observation"):
        assert get(f"{ui.url}/report_asset_{name}/lasting?check_name=x&passed=true", "POST")[0] == 415


@pytest.mark.slow
def test_a_websocket_runs_subscriptions_and_nothing_else(ui: UI) -> None:
    origin = f"http://127.0.0.1:{ui.port}"
    address = f"{ui.url}/graphql".replace("http", "ws", 1)
    for other in ("", "null", "https://attacker.example", f"http://localhost:{ui.port}"):
        with pytest.raises(InvalidStatus, match="403"), connect(address, origin=Origin(other) if other else None):
            pass
    for asked in ("mutation { setNuxSeen }", "{ version }"):
        with connect(address, origin=Origin(origin), subprotocols=[Subprotocol("graphql-ws")]) as line:
            line.send(json.dumps({"type": "start", "id": "1", "payload": {"query": asked}}))
            answer = json.loads(line.recv())
            assert answer["type"] == "error"
            assert "is not defined" in answer["payload"]["message"]


@pytest.mark.slow
def test_a_chart_is_drawn_when_somebody_looks(ui: UI) -> None:
    spec = {"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}, "description": "one"}
    address = kept(spec, ui.settings)
    assert kept(dict(reversed(spec.items())), ui.settings) == address
    for url in (ui.url, f"http://127.0.0.1:{ui.port}"):
        status, headers, body = get(url + address)
        assert (status, headers["content-type"], body[:4]) == (200, "image/svg+xml", b"<svg")
        assert headers["content-security-policy"].startswith("default-src 'none'")
        for name in ("0123.svg", "%2e%2e.svg"):
            assert get(f"{url}/charts/{name}")[0] == 404, name


@pytest.mark.slow
def test_a_second_one_and_a_port_in_use_are_refused(
    ui: UI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(POSTGRES_URL, raising=False)
    elsewhere = Settings(*(tmp_path / name for name in ("raw", "reference", "reports", "data")))

    def refused(settings: Settings, port: int, **options: Any) -> str:
        """What is said of it, in one line; asked of this process, since it ends before another is started."""
        assert serve(settings, port, False, **options) == USED_WRONGLY
        output, errors = capsys.readouterr()
        assert output == ""
        (line,) = errors.splitlines()
        return str(line)

    assert refused(ui.settings, free_port()).startswith("Cannot open the UI: another one is open over ")
    in_use = f"Cannot open the UI: port {ui.port} of 127.0.0.1: Address already in use"
    assert refused(elsewhere, ui.port).startswith(in_use)
    prefixed = refused(elsewhere, free_port(), path_prefix="below/")
    assert prefixed.startswith("Cannot open the UI: the path prefix ")
    public = refused(elsewhere, free_port(), public_urls=["values.example.org"])
    assert public.startswith("Cannot open the UI: --public-url takes an address such as https://values.example.org ")


# --- When it ends -----------------------------------------------------------------------------------------------


# In SQLite ``test_unattended`` stops one and goes on.
@pytest.mark.slow
@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("storage")
def test_what_a_killed_one_leaves_is_ended_and_what_was_queued_goes_on(open_ui: OpenUI, tmp_path: Path) -> None:
    first = open_ui(tmp_path).ready()
    wait_for(lambda: forks(tmp_path))
    begun, queued = (first.launch("lasting", seconds=600) for _ in range(2))
    with open_records(first.settings) as records:
        wait_for(lambda: status(records, begun) == "STARTED")
        time.sleep(2)
        assert status(records, queued) == "QUEUED"
        assert len([command for command in processes(tmp_path).values() if FORK_SERVER in command]) == 2
        first.process.kill()
        first.process.communicate()
        wait_for(lambda: not processes(tmp_path))
        assert status(records, begun) == "STARTED"

        second = open_ui(tmp_path).ready()
        wait_for(lambda: status(records, queued) == "STARTED")
        assert status(records, begun) == "FAILURE"
        assert LEFT_BEHIND in [entry.message for entry in records.all_logs(begun)]
        # Told twice to end, it does not wait, and leaves nothing either.
        second.process.send_signal(signal.SIGTERM)
        assert second.stop() == 0
        assert status(records, queued) == "CANCELED"
        assert len(records.get_runs()) == 2
    assert not processes(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("dagster-daemon", "The daemon has ended (exit status -9): closing the UI."),
        (" api grpc ", "The code server has lost its definitions: closing the UI."),
    ],
)
def test_when_a_part_ends_all_do_and_it_is_said_which(open_ui: OpenUI, tmp_path: Path, part: str, words: str) -> None:
    broken = open_ui(tmp_path).ready()
    run_id = broken.launch("lasting", seconds=600)
    with open_records(broken.settings) as records:
        wait_for(lambda: status(records, run_id) == "STARTED")
        (pid,) = (pid for pid, command in processes(tmp_path).items() if part in command)
        os.kill(pid, signal.SIGKILL)
        output, _ = broken.process.communicate(timeout=PATIENCE_SECONDS)
        errors = broken.errors()
        assert broken.process.returncode == 3, errors
        assert output.startswith(f"{broken.url}/ shows the pipeline")
        assert len(output.splitlines()) == 1
        assert words in errors
        assert "Traceback" not in errors.partition(words)[2]
        assert status(records, run_id) == "CANCELED"
    assert not processes(tmp_path)
