"""The guarded server in a real browser: a page of somebody else does nothing, the UI works, behind a proxy as well.

The same page does all that it tries where the guard is left out.
"""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import dagster as dg
import pytest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Evaluated

from pipeline.orchestration.server.instance import POSTGRES_URL, open_records
from pipeline.orchestration.server.ui import LOCATION_NAME
from pipeline.orchestration.settings import Settings
from tests.orchestration import proxy
from tests.orchestration.browser import installed_browser
from tests.orchestration.ui_process import REPOSITORY, free_port, status, wait_for
from tests.orchestration.web_servers import Server, web_servers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
# A name of the attacker's, that they let lead to this machine once the page is open.
REBOUND = "attacker.example"
BEHIND_THE_PROXY = ("values.example.org", "example.org")
ACCEPTED = "no_contract_dropped"
LAUNCH = "mutation($p:ExecutionParams!){launchPipelineExecution(executionParams:$p){__typename}}"
FORCE = "mutation($id:String!){terminateRun(runId:$id,terminatePolicy:MARK_AS_CANCELED_IMMEDIATELY){__typename}}"
# What the page does; each attempt ends, however it ends. `start`, `cancel`, `check`, `figure`: what is asked of the UI.
ATTACK = """async ({url, ws, start, cancel, check, figure}) => {
  const ended = (element, name) => new Promise(done => {
    element.onload = element.onerror = done; document.body.append(element);
  });
  const image = (address) => { const one = new Image(); one.src = address; return ended(one); };
  const post = (address, more) => fetch(address, {method: "POST", mode: "no-cors", ...more}).catch(() => {});
  const form = (address, encoding, more) => {
    const one = document.createElement("form"), frame = document.createElement("iframe");
    frame.name = "f" + Math.random(); document.body.append(frame);
    Object.assign(one, {method: "POST", enctype: encoding, action: address, target: frame.name});
    const box = document.createElement("input"); [box.name, box.value] = more; one.append(box);
    document.body.append(one);
    return new Promise(done => { frame.onload = done; one.submit(); setTimeout(done, 3000); });
  };
  const text = {headers: {"Content-Type": "text/plain"}, body: "{}"};
  const json = {"Content-Type": "application/json"};
  const body = JSON.stringify(Object.fromEntries(new URLSearchParams(start.image)));
  // In the address of a picture, a request, a form; in a body about which no site is asked first, and in one that only
  // a page of the UI itself may send.
  await image(`${url}/graphql?${start.image}`);
  await post(`${url}/graphql?${start.text}`, text);
  await form(`${url}/graphql?${start.form}`, "text/plain", ["x", "y"]);
  await form(`${url}/graphql?${start.parts}`, "multipart/form-data", ["x", "y"]);
  await form(`${url}/graphql`, "application/x-www-form-urlencoded", ["query", "mutation{__typename}"]);
  await form(`${url}/graphql`, "text/plain", ['{"query":"mutation{__typename}","x":"', '"}']);
  await fetch(`${url}/graphql`, {method: "POST", headers: json, body, credentials: "include"}).catch(() => {});
  await image(`${url}/graphql?${cancel}`);
  await post(`${url}/report_asset_check/headline?${check}`);
  await post(`${url}/report_asset_materialization/headline?${figure}`);
  const opened = new Promise(done => {
    const line = new WebSocket(`${ws}/graphql`, "graphql-ws");
    line.onopen = () => done(true); line.onerror = () => done(false);
  });
  const frame = document.createElement("iframe");
  frame.id = "framed"; frame.src = `${url}/`;
  await ended(frame);
  return opened;
}"""
# What a page hears first through a WebSocket.
HEARS = """address => new Promise((done, failed) => {
  const line = new WebSocket(address, "graphql-ws");
  line.onopen = () => line.send('{"type": "connection_init"}'); line.onmessage = ({data}) => done(data);
  line.onerror = failed;
})"""
# A page that lies among the published ones and is not what it seems to be.
HOSTILE = """<!doctype html><title>hostile</title><form id="form" method="post" enctype="text/plain" action="/graphql">
<input name='{"query":"mutation{__typename}","x":"' value='"}'></form><script src="hostile.js"></script>"""
HOSTILE_SCRIPT = """
const ask = {method: "POST", headers: {"Content-Type": "application/json"}, body: BODY};
const tries = [
  () => fetch("/graphql", ask),
  () => new Promise((done, failed) => {
    const request = new XMLHttpRequest(); request.open("POST", "/graphql");
    request.setRequestHeader("Content-Type", "application/json");
    request.onload = done; request.onerror = failed; request.send(ask.body);
  }),
  async () => { const other = window.open("/server_info"); await new Promise(d => setTimeout(d, 300));
    await other.fetch("/graphql", ask); },
  () => localStorage.length,
];
(async () => {
  const came = [];
  for (const one of tries) {
    try { await one(); came.push(true); } catch (error) { came.push(false); }
  }
  document.title = JSON.stringify(came);
})();
"""


@dataclass
class Served:
    """The UI over a small project, guarded and not, and a page elsewhere; no run gets further than the queue."""

    settings: Settings
    guarded: int
    unguarded: int
    below: int
    elsewhere: str
    records: dg.DagsterInstance
    before: list[str] = field(default_factory=list)

    def begin_a_run(self) -> str:
        """A run that goes on, as the analyst has left it; those that were started before are forgotten."""
        self.before += [run.run_id for run in self.records.get_runs()]
        run = dg.DagsterRun(job_name="refresh_everything", status=dg.DagsterRunStatus.STARTED)
        self.records.add_run(run)
        self.before.append(run.run_id)
        return run.run_id

    def started(self) -> list[dict[str, Any]]:
        """How the runs were configured that somebody has started."""
        return [dict(run.run_config) for run in self.records.get_runs() if run.run_id not in self.before]

    def status(self, run_id: str) -> str:
        """How a run stands."""
        return status(self.records, run_id)

    def forged(self) -> list[str]:
        """What was said of the headline that no run has said."""
        headline = dg.AssetKey("headline")
        told = self.records.fetch_materializations(headline, limit=10).records
        figures = [str(record.asset_materialization.description) for record in told if record.asset_materialization]
        check = dg.AssetCheckKey(headline, "every_edition_is_up_to_date")
        latest = self.records.event_log_storage.get_latest_asset_check_execution_by_key([check]).values()
        return figures + ["a check" for record in latest if record.status == Evaluated.SUCCEEDED]


@pytest.fixture(scope="module")
def proxy_port() -> int:
    """Where the proxy of docs/server.md listens instead of at 443."""
    return free_port()


@pytest.fixture(scope="module")
def browser(proxy_port: int) -> Iterator["Browser"]:
    """The installed browser, for which names lead to this machine: the attacker's, and those of the proxy."""
    names = [f"MAP {REBOUND} 127.0.0.1", *(f"MAP {name}:443 127.0.0.1:{proxy_port}" for name in BEHIND_THE_PROXY)]
    with installed_browser(f"--host-resolver-rules={','.join(names)}") as found:
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, page_of_the_server: str) -> Iterator[Served]:
    """The servers over the small project, told the addresses that docs/server.md tells them, and a page elsewhere."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(Path(__file__).parents[2] / "small_project", folder, dirs_exist_ok=True)
    settings = Settings(*(folder / name for name in ("raw", "reference", "reports", "data")))
    urls = proxy.public_urls(page_of_the_server)
    guarded, unguarded, below = free_port(), free_port(), free_port()
    servers = (
        Server(guarded, public_urls=urls),
        Server(unguarded, is_guarded=False),
        Server(below, path_prefix="/publicvalue", public_urls=urls),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(POSTGRES_URL, raising=False)
        with web_servers(settings, *servers), elsewhere() as page, open_records(settings) as records:
            yield Served(settings, guarded, unguarded, below, page, records)


@pytest.fixture(scope="module")
def page_of_the_server(project_root: Path) -> str:
    """What docs/server.md says."""
    return (project_root / "docs/server.md").read_text(encoding="utf-8")


class elsewhere:
    """An empty page of another site, to a browser: another name, another port."""

    def __enter__(self) -> str:
        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><title>elsewhere</title><body>")

            def log_message(self, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return f"http://localhost:{self.server.server_port}/"

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def starting(way: str) -> dict[str, Any]:
    """What starts a run with a check accepted that only a person may accept; its seed tells by which way it came."""
    where = {"repositoryName": REPOSITORY, "repositoryLocationName": LOCATION_NAME}
    config = {"accepted_checks": [ACCEPTED], "seed": list(WAYS).index(way)}
    selector = {**where, "pipelineName": "refresh_everything"}
    return {"query": LAUNCH, "variables": {"p": {"selector": selector, "runConfigData": config, "mode": "default"}}}


def in_address(asked: dict[str, Any]) -> str:
    return urlencode({**asked, "variables": json.dumps(asked["variables"])})


WAYS = ("image", "text", "form", "parts", "hostile", "rebound")


def attack(page: "Page", url: str, run_id: str) -> bool:
    """Let a page do all that it can; returns whether its WebSocket was taken."""
    asked = {
        "url": url,
        "ws": url.replace("http", "ws", 1),
        "start": {way: in_address(starting(way)) for way in ("image", "text", "form", "parts")},
        "cancel": in_address({"query": FORCE, "variables": {"id": run_id}}),
        "check": urlencode({"check_name": "every_edition_is_up_to_date", "passed": "true"}),
        "figure": urlencode({"description": "forged", "metadata": json.dumps({"bcr open-2026": 99})}),
    }
    return bool(page.evaluate(ATTACK, asked))


def holds_the_ui(page: "Page", url: str) -> bool:
    """Whether the UI stands in a frame of the page."""
    frame = page.query_selector("#framed")
    shown = frame.content_frame() if frame else None
    return shown is not None and shown.url.startswith(url)


def test_a_page_elsewhere_can_do_nothing_and_without_the_guard_everything(browser: "Browser", served: Served) -> None:
    guarded, unguarded = (f"http://127.0.0.1:{port}" for port in (served.guarded, served.unguarded))
    page, running = browser.new_page(), served.begin_a_run()
    page.goto(served.elsewhere)
    assert not attack(page, guarded, running)
    assert not holds_the_ui(page, guarded)
    assert served.started() == []
    assert served.forged() == []
    assert served.status(running) == "STARTED"

    page.goto(served.elsewhere)
    assert attack(page, unguarded, running)
    assert holds_the_ui(page, unguarded)
    assert {WAYS[config["seed"]] for config in served.started()} == {"image", "text", "form", "parts"}
    assert all(config["accepted_checks"] == [ACCEPTED] for config in served.started())
    assert served.forged() == ["forged", "a check"]
    assert served.status(running) == "CANCELED"
    page.close()


def test_a_name_that_leads_here_is_not_taken_for_ours(browser: "Browser", served: Served) -> None:
    """To the browser the page is then of the same origin, and may send and read what it likes."""
    ask = """async (asked) => (await fetch("/graphql", {method: "POST", body: JSON.stringify(asked),
      headers: {"Content-Type": "application/json"}})).status"""
    before, page = len(served.started()), browser.new_page()
    answer = page.goto(f"http://{REBOUND}:{served.guarded}/server_info")
    assert answer is not None
    assert answer.status == 421
    assert page.evaluate(ask, starting("rebound")) == 421
    assert len(served.started()) == before
    page.goto(f"http://{REBOUND}:{served.unguarded}/server_info")
    assert page.evaluate(ask, starting("rebound")) == 200
    assert len(served.started()) == before + 1
    page.close()


def test_a_hostile_page_among_the_published_ones_reaches_nothing(browser: "Browser", served: Served) -> None:
    folder = served.settings.out_dir / "hostile"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(HOSTILE, encoding="utf-8")
    body = json.dumps(json.dumps(starting("hostile")))
    (folder / "hostile.js").write_text(HOSTILE_SCRIPT.replace("BODY", body), encoding="utf-8")
    before = len(served.started())
    page = browser.new_page()
    assert not any(what_succeeds(page, served.guarded))
    page.evaluate("document.getElementById('form').submit()")
    assert len(served.started()) == before
    page.close()
    # It is what the page may do that holds it back, and nothing else.
    page = browser.new_context(bypass_csp=True).new_page()
    assert all(what_succeeds(page, served.guarded))
    assert len(served.started()) > before
    page.context.close()


def what_succeeds(page: "Page", port: int) -> list[bool]:
    """Open the hostile page and wait until it has tried everything."""
    page.goto(f"http://127.0.0.1:{port}/reports/hostile/")
    wait_for(lambda: page.title().startswith("["))
    return [bool(came) for came in json.loads(page.title())]


def test_a_link_from_elsewhere_still_opens_the_ui(browser: "Browser", served: Served) -> None:
    page = browser.new_page()
    page.goto(served.elsewhere)
    page.evaluate("address => { location.href = address; }", f"http://127.0.0.1:{served.guarded}/jobs")
    page.get_by_text("refresh_everything").first.wait_for()
    page.close()


# --- Behind a proxy ---------------------------------------------------------------------------------------------


@pytest.fixture
def behind_nginx(served: Served, page_of_the_server: str, proxy_port: int, tmp_path: Path) -> Iterator[None]:
    """The set-up of docs/server.md, at work."""
    with proxy.nginx(tmp_path, page_of_the_server, proxy_port, served.guarded, served.below):
        yield


@pytest.mark.usefixtures("behind_nginx")
def test_behind_the_documented_proxy_the_ui_works_and_a_page_elsewhere_does_nothing(
    browser: "Browser", served: Served, proxy_port: int
) -> None:
    served.begin_a_run()
    context = browser.new_context(
        ignore_https_errors=True, http_credentials={"username": proxy.USER, "password": proxy.PASSWORD}
    )
    analyst = context.new_page()
    for url, prefix in (("https://values.example.org", ""), ("https://example.org", "/publicvalue")):
        address = f"{url}{prefix}/graphql".replace("https", "wss")
        with analyst.expect_websocket() as line:
            analyst.goto(f"{url}{prefix}/jobs")
        assert line.value.url == address
        analyst.get_by_text("refresh_everything").first.wait_for()
        assert json.loads(analyst.evaluate(HEARS, address))["type"] == "connection_ack"
        # The addresses that the UI links to, and the one that it prints.
        for path in ("/reports", "/reports/", f"{prefix}/reports/"):
            answer = analyst.goto(f"{url}{path}")
            assert answer is not None
            assert answer.status == 200
            assert analyst.url == f"{url}{path.removesuffix('/')}/"

    context.close()

    def asked(origin: str, site: str, url: str = "values.example.org", path: str = "") -> int:
        said = {"Origin": origin, "Sec-Fetch-Site": site, "Content-Type": "application/json", "Host": url}
        return proxy.status(proxy_port, f"{path}/graphql", said, json.dumps(starting("rebound")).encode())

    # What a browser would send with the password, were it asked by a page of somebody else.
    assert asked("http://localhost:3000", "cross-site") == 403
    assert asked("https://example.org.attacker.example", "cross-site") == 403
    assert asked("null", "cross-site") == 403
    assert asked("https://values.example.org", "same-site") == 403
    assert served.started() == []
    assert asked("https://values.example.org", "same-origin") == 200
    assert asked("https://example.org", "same-origin", "example.org", "/publicvalue") == 200
    assert len(served.started()) == 2
    assert proxy.status(proxy_port, "/", {"Host": "values.example.org"}, password="wrong") == 401
