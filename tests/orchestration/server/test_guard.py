"""Which requests the guard lets through: those of the user and of our own pages, however a request is written."""

import json
from contextlib import suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from pipeline.orchestration.server.guard import Addresses, Guard
from tests.orchestration.asking import Answer, ask

PUBLIC = ("https://values.example.org", "http://localhost:8080", "https://elsewhere.example:8443/publicvalue/")
HERE = ("Host", "127.0.0.1:3000")
OURS = ("Origin", "http://127.0.0.1:3000")
JSON = ("Content-Type", "application/json")
NAVIGATES = (("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))
CROSS = ("Sec-Fetch-Site", "cross-site")
POLICY = "script-src 'none';"


async def everything(request: Request) -> Response:
    if request.url.path == "/fails":
        raise ValueError("made up")
    said = {"content-type": request.headers.get("content-type"), "body": (await request.body()).decode()}
    return Response(json.dumps(said), headers={"Content-Security-Policy": POLICY})


async def taken(websocket: WebSocket) -> None:
    await websocket.accept()


METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
INNER = Starlette(
    routes=[WebSocketRoute("/{path:path}", taken), Route("/{path:path}", everything, methods=METHODS)],
)
APP = Guard(INNER, Addresses.at(3000, PUBLIC), "/below", ["/reports"])


def post(*headers: tuple[str, str], path: str = "/graphql", query: str = "", app: Guard = APP) -> Answer:
    return ask(app, path, headers, "POST", query, b"{}")


# --- Host -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:3000",
        "localhost:3000",
        "LocalHost:3000",
        "[::1]:3000",
        "values.example.org",
        "VALUES.example.org",
        "values.example.org:443",
        "localhost:8080",
        "elsewhere.example",
        "elsewhere.example:8443",
    ],
)
def test_it_answers_for_its_own_names_and_those_that_a_proxy_shows(host: str) -> None:
    assert ask(APP, headers=[("Host", host)]).status == 200
    assert post(("Host", host), JSON).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "attacker.example:3000",
        "127.0.0.1",
        "127.0.0.1:3001",
        "localhost:",
        "localhost.:3000",
        "localhost:03000",
        "127.0.0.2:3000",
        "127.1:3000",
        "2130706433:3000",
        "0.0.0.0:3000",
        "[::]:3000",
        "[::ffff:127.0.0.1]:3000",
        "[0:0:0:0:0:0:0:1]:3000",
        "::1:3000",
        "user@localhost:3000",
        "localhost:3000@attacker.example",
        "localhost:3000,attacker.example",
        "localhost:3000/",
        "localhost:3000 ",
        "localhost:3000\t",
        "localhost.attacker.example:3000",
        "values.example.org.",
        "values.example.org:80",
        "values.example.org:3000",
        "attacker.values.example.org",
        "elsewhere.example:443",
        "",
        " ",
    ],
)
def test_any_other_name_is_refused_and_the_option_is_named(host: str) -> None:
    for answer in (ask(APP, headers=[("Host", host)]), ask(APP, headers=[("Host", host), *NAVIGATES, CROSS])):
        assert answer.status == 421
        assert "--public-url" in answer.text
        assert repr(host) in answer.text
    assert ask(APP, headers=[("Host", host), OURS], kind="websocket").status == 421


def test_a_host_that_is_missing_or_given_twice_is_refused() -> None:
    assert ask(APP).status == 421
    answer = ask(APP, headers=[HERE, ("Host", "attacker.example")])
    assert answer.status == 421
    assert "'127.0.0.1:3000' and 'attacker.example'" in answer.text
    assert ask(APP, headers=[HERE, HERE]).status == 421
    # What a proxy says of itself counts for nothing: anybody may write it.
    assert ask(APP, headers=[("Host", "attacker.example"), ("X-Forwarded-Host", "localhost:3000")]).status == 421


def test_what_was_found_is_shown_as_plain_text_short_and_in_ascii() -> None:
    answer = ask(APP, headers=[("Host", "<script>alert(1)</script>\x1b[31m\xe9" + "x" * 10_000)])
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.isascii()
    assert "\x1b" not in answer.text
    assert len(answer.text) < 400
    assert len(answer.text.splitlines()) == 1


# --- Origin and Sec-Fetch-Site ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("localhost:3000", "http://localhost:3000"),
        ("[::1]:3000", "http://[::1]:3000"),
        ("values.example.org", "https://values.example.org"),
        ("127.0.0.1:3000", "https://values.example.org"),  # a proxy that does not pass the name on
        ("localhost:8080", "http://localhost:8080"),
        ("elsewhere.example", "https://elsewhere.example:8443"),
    ],
)
def test_our_own_pages_may_ask(host: str, origin: str) -> None:
    headers = [("Host", host), ("Origin", origin), ("Sec-Fetch-Site", "same-origin")]
    assert post(*headers, JSON).status == 200
    assert ask(APP, headers=headers).status == 200
    assert ask(APP, "/graphql", headers, kind="websocket").status == 101


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://attacker.example",
        "http://127.0.0.1:8099",
        "http://localhost:3000",  # ours, but not where this request goes
        "https://127.0.0.1:3000",
        "http://127.0.0.1",
        "http://127.0.0.1:3000.attacker.example",
        "http://127.0.0.1:3000@attacker.example",
        "http://127.0.0.1:3000/",
        "http://127.0.0.1:3000 ",
        "127.0.0.1:3000",
        "file://",
        "ws://127.0.0.1:3000",
        "http://values.example.org",
        "https://values.example.org:8443",
        "https://values.example.org.",
        "https://attacker.values.example.org",
        "http://127.0.0.1:3000 https://attacker.example",
    ],
)
def test_pages_of_anybody_else_may_not(origin: str) -> None:
    for answer in (
        post(HERE, ("Origin", origin), JSON),
        ask(APP, headers=[HERE, ("Origin", origin)]),
        ask(APP, "/graphql", [HERE, ("Origin", origin)], kind="websocket"),
    ):
        assert answer.status == 403
        assert "--public-url" in answer.text
        assert repr(origin) in answer.text
        assert answer.headers["x-frame-options"] == "DENY"


def test_an_origin_given_twice_is_refused() -> None:
    for other in (OURS, ("Origin", "https://attacker.example")):
        assert post(HERE, OURS, other, JSON).status == 403
        assert ask(APP, "/graphql", [HERE, OURS, other], kind="websocket").status == 403


def test_a_websocket_says_where_it_comes_from_and_a_program_need_not() -> None:
    assert ask(APP, "/graphql", [HERE], kind="websocket").status == 403
    assert ask(APP, "/graphql", [HERE, OURS], kind="websocket").status == 101
    assert ask(APP, "/graphql", [HERE, OURS, CROSS], kind="websocket").status == 403
    assert post(HERE, JSON).status == 200
    assert ask(APP, headers=[HERE]).status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Same-Origin", "same-origin, cross-site", "x", ""])
@pytest.mark.parametrize("path", ["/", "/graphql", "/below/graphql", "/reports/open-2026/tables/payments.csv"])
def test_what_the_browser_calls_foreign_is_refused(site: str, path: str) -> None:
    said = ("Sec-Fetch-Site", site)
    modes = [(), (("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image")), (("Sec-Fetch-Mode", "cors"),)]
    for mode in modes:
        assert ask(APP, path, [HERE, said, *mode]).status in (403, 405)
        assert post(HERE, OURS, said, JSON, *mode, path=path).status == 403
    assert ask(APP, headers=[HERE, ("Sec-Fetch-Site", "same-origin"), said]).status == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_what_the_user_asks_for_is_not(site: str) -> None:
    assert ask(APP, headers=[HERE, ("Sec-Fetch-Site", site)]).status == 200
    assert post(HERE, ("Sec-Fetch-Site", site), JSON).status == 200


def test_a_link_from_elsewhere_opens_a_page_and_does_nothing_else() -> None:
    for path in ("/", "/assets/headline", "/reports/open-2026/index.html"):
        assert ask(APP, path, [HERE, CROSS, *NAVIGATES]).status == 200
    frame = (("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"))
    assert ask(APP, headers=[HERE, CROSS, *frame]).status == 403
    assert ask(APP, headers=[HERE, CROSS, ("Sec-Fetch-Mode", "navigate")]).status == 403
    assert ask(APP, headers=[HERE, CROSS, *NAVIGATES, ("Sec-Fetch-Dest", "iframe")]).status == 403
    for path in ("/graphql", "/below/graphql", "/graphql\n", "/report_asset_check/headline"):
        # A form that is sent is a navigation, too.
        for media_type in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data", JSON[1]):
            for origin in ("null", "https://attacker.example"):
                headers = [HERE, CROSS, *NAVIGATES, ("Origin", origin), ("Content-Type", media_type)]
                assert post(*headers, path=path).status == 403
    assert ask(APP, "/graphql", [HERE, CROSS, *NAVIGATES], query="query={version}").status == 405


def test_a_sandboxed_page_has_its_style_and_script_and_nothing_else() -> None:
    def loaded(path: str, dest: str, *more: tuple[str, str], mode: str = "no-cors", method: str = "GET") -> int:
        said = [HERE, CROSS, ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest), *more]
        return ask(APP, path, said, method).status

    for prefix in ("", "/below"):
        for dest in ("style", "script"):
            assert loaded(f"{prefix}/reports/open-2026/file", dest) == 200
    assert loaded("/reports/open-2026/file", "image") == 403
    assert loaded("/reports/open-2026/file", "empty") == 403
    assert loaded("/reports/open-2026/file", "script", mode="cors") == 403
    assert loaded("/reports/open-2026/file", "script", ("Origin", "null")) == 403
    assert loaded("/reports/open-2026/file", "script", method="POST") == 403
    assert loaded("/reportsx/file", "script") == 403
    assert loaded("/graphql", "script") == 403


# --- Methods and media types ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/graphql", "/below/graphql", "/graphql\n", "/below/graphql\n"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_graphql_is_asked_by_post_only(path: str, method: str) -> None:
    answer = ask(APP, path, [HERE, ("Accept", "text/html"), JSON], method, "query={version}", b"{}")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "post", "get"])
def test_nothing_else_is_asked_by_other_methods(method: str) -> None:
    assert ask(APP, "/report_asset_check/headline", [HERE, JSON], method).status == 405


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/json; charset=utf-8", "Application/JSON ; charset=UTF-8"]
)
def test_json_is_taken_however_it_is_written(media_type: str) -> None:
    answer = post(HERE, ("Content-Type", media_type))
    assert answer.status == 200
    # Dagster would look for it in the name as a whole, or compare all of it.
    assert json.loads(answer.text) == {"content-type": "application/json", "body": "{}"}


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/plain; application/json",
        "text/plain;x=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "application/graphql",
        "application/json, text/plain",
        "application/jsonp",
        "application/problem+json",
        "xapplication/json",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/below/graphql", "/report_asset_materialization/headline", "/other"])
def test_nothing_but_json_is_taken(media_type: str, path: str) -> None:
    answer = post(HERE, ("Content-Type", media_type), path=path)
    assert answer.status == 415
    assert "application/json" in answer.text


def test_a_media_type_that_is_missing_or_given_twice_is_refused() -> None:
    assert post(HERE).status == 415
    assert post(HERE, JSON, JSON).status == 415
    assert post(HERE, JSON, ("Content-Type", "text/plain")).status == 415


def test_what_is_asked_stands_in_the_body() -> None:
    assert post(HERE, JSON, query="op=LaunchRun").status == 200  # as the UI itself writes it
    for query in ("query={version}", "op=x&variables=%7B%7D", "%71uery=mutation", "operationName=x", "query", "query="):
        assert post(HERE, JSON, query=query).status == 400
    assert post(HERE, JSON, path="/report_asset_check/headline", query="query=x&passed=true").status == 200


# --- What is said of every answer -------------------------------------------------------------------------------


def test_no_answer_may_be_held_in_a_frame_and_the_policy_of_a_page_stays() -> None:
    answer = ask(APP, headers=[HERE])
    assert answer.headers.getlist("content-security-policy") == ["script-src 'none'; frame-ancestors 'none'"]
    for answer in (ask(APP), ask(APP, headers=[HERE, CROSS]), ask(APP, "/graphql", [HERE]), post(HERE)):
        assert answer.headers.getlist("content-security-policy") == ["frame-ancestors 'none'"]
    for answer in (ask(APP, headers=[HERE]), ask(APP), post(HERE, ("Origin", "null"))):
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_error_of_ours_may_not_be_held_in_a_frame_either() -> None:
    async def failing(scope: object, receive: object, send: object) -> None:
        with suppress(ValueError):  # which it passes on once it has answered
            await INNER(scope, receive, send)  # type: ignore[arg-type]

    answer = ask(Guard(failing, Addresses.at(3000)), "/fails", [HERE])
    assert (answer.status, answer.headers["x-frame-options"]) == (500, "DENY")
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"


def test_two_policies_of_a_page_both_stay() -> None:
    async def two(scope: object, receive: object, send: object) -> None:
        answer = PlainTextResponse("")
        answer.headers.append("content-security-policy", "default-src 'self'")
        answer.headers.append("content-security-policy", "sandbox")
        await answer(scope, receive, send)  # type: ignore[arg-type]

    policies = ask(Guard(two, Addresses.at(3000)), headers=[HERE]).headers.getlist("content-security-policy")
    assert policies == ["default-src 'self'; frame-ancestors 'none'", "sandbox"]


# --- Addresses --------------------------------------------------------------------------------------------------


def test_a_port_that_browsers_leave_out_is_left_out() -> None:
    app = Guard(INNER, Addresses.at(80))
    assert ask(app, headers=[("Host", "localhost")]).status == 200
    assert post(("Host", "localhost"), ("Origin", "http://localhost"), JSON, app=app).status == 200
    assert ask(app, headers=[("Host", "localhost:3000")]).status == 421


@pytest.mark.parametrize(
    ("url", "host", "origin"),
    [
        ("HTTPS://Values.Example.ORG/", "values.example.org", "https://values.example.org"),
        ("https://values.example.org:443", "values.example.org", "https://values.example.org"),
        ("http://values.example.org:80/below", "values.example.org", "http://values.example.org"),
        ("http://10.0.0.7:8080", "10.0.0.7:8080", "http://10.0.0.7:8080"),
        ("http://[FD00:0::1]:8080", "[fd00::1]:8080", "http://[fd00::1]:8080"),
        ("https://xn--wrt-bla.example", "xn--wrt-bla.example", "https://xn--wrt-bla.example"),
    ],
)
def test_a_public_address_is_taken_as_browsers_write_it(url: str, host: str, origin: str) -> None:
    app = Guard(INNER, Addresses.at(3000, [url]))
    assert post(("Host", host), ("Origin", origin), JSON, app=app).status == 200
    assert ask(app, "/graphql", [("Host", host), ("Origin", origin)], kind="websocket").status == 101


@pytest.mark.parametrize(
    "url",
    [
        "",
        "values.example.org",
        "values.example.org:443",
        "//values.example.org",
        "ftp://values.example.org",
        "https://",
        "https:///path",
        "https://:443",
        "https://user:secret@values.example.org",
        "https://*.example.org",
        "https://values.example.org?x",
        "https://values.example.org#x",
        "https://values.example.org:0",
        "https://values.example.org:65536",
        "https://values.example.org:x",
        "https://values example.org",
        "https://values.example.org\n",
        "https://wört.example",
        "https://[::1",
        "https://[::x]",
        "null",
    ],
)
def test_a_public_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="--public-url takes an address such as https://") as refused:
        Addresses.at(3000, [url])
    assert "secret" not in str(refused.value)
