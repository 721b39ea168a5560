"""A page of somebody else, open in the analyst's browser, tries what such pages can; without the guard it succeeds."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import dagster as dg
import pytest

from pipeline.orchestration.instance import POSTGRES_URL, open_records
from pipeline.orchestration.settings import Settings
from pipeline.orchestration.ui import CODE_LOCATION
from tests.orchestration.browser import installed_browser
from tests.orchestration.served_twice import both_servers
from tests.orchestration.ui_process import REPOSITORY, free_port, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
# A name of the attacker's, that they let lead to this machine once the page is open.
REBOUND = "attacker.example"
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
    elsewhere: str
    records: dg.DagsterInstance
    before: list[str] = field(default_factory=list)

    def begin_a_run(self) -> str:
        """A run that goes on, as the analyst has left it."""
        run = dg.DagsterRun(job_name="refresh_everything", status=dg.DagsterRunStatus.STARTED)
        self.records.add_run(run)
        self.before.append(run.run_id)
        return run.run_id

    def started(self) -> list[dict[str, Any]]:
        """How the runs were configured that somebody has started."""
        return [dict(run.run_config) for run in self.records.get_runs() if run.run_id not in self.before]

    def forged(self) -> list[str]:
        """What was said of the headline that no run has said."""
        headline = dg.AssetKey("headline")
        told = self.records.fetch_materializations(headline, limit=10).records
        figures = [str(record.asset_materialization.description) for record in told if record.asset_materialization]
        check = dg.AssetCheckKey(headline, "every_edition_is_up_to_date")
        latest = self.records.event_log_storage.get_latest_asset_check_execution_by_key([check])
        return figures + ["a check" for _ in latest]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The installed browser, for which a name of the attacker's leads to this machine."""
    with installed_browser(f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1") as found:
        yield found


@pytest.fixture
def served(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Both servers over the small project."""
    monkeypatch.delenv(POSTGRES_URL, raising=False)
    settings = Settings(*(small_project / name for name in ("raw", "reference", "reports", "data")))
    ports = free_port(), free_port()
    with both_servers(settings, *ports), elsewhere() as page, open_records(settings) as records:
        yield Served(settings, *ports, page, records)


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
    where = {"repositoryName": REPOSITORY, "repositoryLocationName": CODE_LOCATION}
    config = {"accepted_checks": [ACCEPTED], "seed": list(WAYS).index(way)}
    selector = {**where, "pipelineName": "refresh_everything"}
    return {"query": LAUNCH, "variables": {"p": {"selector": selector, "runConfigData": config, "mode": "default"}}}


def in_address(asked: dict[str, Any]) -> str:
    return urlencode({**asked, "variables": json.dumps(asked["variables"])})


WAYS = ("image", "text", "form", "parts", "hostile", "rebound")


def attack(page: "Page", port: int, run_id: str) -> bool:
    """Let a page do all that it can; returns whether its WebSocket was taken."""
    asked = {
        "url": f"http://127.0.0.1:{port}",
        "ws": f"ws://127.0.0.1:{port}",
        "start": {way: in_address(starting(way)) for way in ("image", "text", "form", "parts")},
        "cancel": in_address({"query": FORCE, "variables": {"id": run_id}}),
        "check": urlencode({"check_name": "every_edition_is_up_to_date", "passed": "true"}),
        "figure": urlencode({"description": "forged", "metadata": json.dumps({"bcr open-2025": 99})}),
    }
    return bool(page.evaluate(ATTACK, asked))


def holds_the_ui(page: "Page", port: int) -> bool:
    """Whether the UI stands in a frame of the page."""
    frame = page.query_selector("#framed")
    shown = frame.content_frame() if frame else None
    return shown is not None and shown.url.startswith(f"http://127.0.0.1:{port}/")


def test_a_page_elsewhere_can_do_nothing_and_without_the_guard_everything(browser: "Browser", served: Served) -> None:
    page = browser.new_page()
    page.goto(served.elsewhere)
    running = served.begin_a_run()

    assert not attack(page, served.guarded, running)
    assert served.started() == []
    assert served.forged() == []
    assert served.records.get_run_by_id(running).status == dg.DagsterRunStatus.STARTED  # type: ignore[union-attr]
    assert not holds_the_ui(page, served.guarded)

    page.goto(served.elsewhere)
    assert attack(page, served.unguarded, running)
    configs = served.started()
    assert {WAYS[config["seed"]] for config in configs} == {"image", "text", "form", "parts"}
    assert all(config["accepted_checks"] == [ACCEPTED] for config in configs)
    assert served.forged() == ["forged", "a check"]
    assert served.records.get_run_by_id(running).status == dg.DagsterRunStatus.CANCELED  # type: ignore[union-attr]
    assert holds_the_ui(page, served.unguarded)
    page.close()

    a_name_that_leads_here_is_not_taken_for_ours(browser, served)
    a_hostile_page_among_the_published_ones_reaches_nothing(browser, served)
    a_link_from_elsewhere_still_opens_the_ui(browser, served)


def a_name_that_leads_here_is_not_taken_for_ours(browser: "Browser", served: Served) -> None:
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


def a_hostile_page_among_the_published_ones_reaches_nothing(browser: "Browser", served: Served) -> None:
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


def a_link_from_elsewhere_still_opens_the_ui(browser: "Browser", served: Served) -> None:
    page = browser.new_page()
    page.goto(served.elsewhere)
    page.evaluate("address => { location.href = address; }", f"http://127.0.0.1:{served.guarded}/jobs")
    page.get_by_text("refresh_everything").first.wait_for()
    page.close()
