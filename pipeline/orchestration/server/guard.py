"""What comes before all that the web server answers: a page of somebody else in the user's browser may do nothing.

Belongs here: which requests are refused, over HTTP and WebSocket, and that no page may be shown within another. A
browser sends what any page asks it to, to this machine too, with the user's password for a proxy; so each request is
judged by what a page cannot change: ``Host``, ``Origin``, ``Sec-Fetch-*``, method and media type. Who may sign in, and
what a read-only UI refuses, is decided elsewhere. Knows Starlette only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPTION = "--public-url"
GRAPHQL = "/graphql"
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORTS = {"http": 80, "https": 443}
JSON = "application/json"
# Of the fields of a GraphQL request none may stand in the address; the UI itself writes only the name, as `op`, there.
IN_THE_BODY = ("query", "variables", "operationName", "extensions")
# No page of anybody may hold one of ours in a frame and have the user click on it unawares.
FRAMING = "frame-ancestors 'none'"
ALWAYS = {"x-frame-options": "DENY", "x-content-type-options": "nosniff"}
SHOWN = 100


class Refusal(Exception):
    """A request that is not carried out: the status of the answer, and why, in a sentence."""

    def __init__(self, status: int, words: str, **headers: str) -> None:
        super().__init__(words)
        self.answer = PlainTextResponse(
            f"{words}\n", status, headers={"cache-control": "no-store", **{k.lower(): v for k, v in headers.items()}}
        )


# --- Where people reach the server ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Addresses:
    """Under which names the server is asked (``hosts``), and where its own pages come from (``origins``).

    ``own``: what a request on this machine names, which has to be the very one that its page came from: another port or
    name of this machine is somebody else.
    """

    own: frozenset[str]
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()

    @classmethod
    def at(cls, port: int, public_urls: Iterable[str] = ()) -> "Addresses":
        """Return the addresses of a port of this machine and those that a proxy shows.

        Raises ``ValueError`` for a public address that is none.
        """
        own = frozenset(host for name in OWN_NAMES for host in _as_host(name, port, "http"))
        addresses = cls(own)
        for url in public_urls:
            scheme, name, its_port = _parts(url)
            # A proxy may pass the name on with its port or without.
            hosts = {name, f"{name}:{its_port}"}
            origins = {f"{scheme}://{host}" for host in _as_host(name, its_port, scheme)}
            addresses = replace(addresses, hosts=addresses.hosts | hosts, origins=addresses.origins | origins)
        return addresses

    def are_asked(self, host: str) -> bool:
        """Whether a request that names this host is meant for us."""
        return host in self.own | self.hosts

    def include(self, origin: str, host: str) -> bool:
        """Whether a request to ``host`` by a page of ``origin`` is by a page of ours."""
        return origin in self.origins or (host in self.own and origin == f"http://{host}")


def _parts(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a public address; a path is of no account. Raises ``ValueError`` for anything else."""
    try:
        parts = urlsplit(url)
        port, name = parts.port, parts.hostname or ""
        if ":" in name:
            name = f"[{IPv6Address(name).compressed}]"
    except ValueError:
        name = ""
    is_plain = bool(name) and url.isascii() and url.isprintable() and not set(url) & set(" @?#\\,%*")
    if not is_plain or parts.scheme not in DEFAULT_PORTS or port == 0:
        raise ValueError(
            f"{OPTION} takes an address such as https://values.example.org or http://localhost:8080, in ASCII and with "
            f"no user name, query or fragment (found {shown(url.rpartition('@')[2])})"
        )
    return parts.scheme, name, port or DEFAULT_PORTS[parts.scheme]


def _as_host(name: str, port: int, scheme: str) -> list[str]:
    """How a browser writes a host in ``Host`` and ``Origin``: without the port that its scheme has by default."""
    return [name] if port == DEFAULT_PORTS[scheme] else [f"{name}:{port}"]


# --- Who asks, and for what -------------------------------------------------------------------------------------


class Guard:
    """The layer; everything else that the server does lies behind it.

    ``prefix``: below which path a proxy shows the server, which answers without it as well. ``sandboxed``: folders of
    pages that to a browser come from nowhere, so that what they load looks as if another site had asked for it.
    """

    def __init__(self, app: ASGIApp, addresses: Addresses, prefix: str = "", sandboxed: Collection[str] = ()) -> None:
        self.app, self.addresses = app, addresses
        self.graphql = {GRAPHQL, prefix + GRAPHQL}
        self.sandboxed = tuple(f"{before}{folder}/" for before in {"", prefix} for folder in sandboxed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or have it answered; either way no page may hold the answer in a frame."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                _forbid_framing(MutableHeaders(scope=message))
            await send(message)

        try:
            self._judge(scope)
        except Refusal as refusal:
            await refusal.answer(scope, receive, send_guarded)
        else:
            await self.app(_with_plain_media_type(scope), receive, send_guarded)

    def _judge(self, scope: Scope) -> None:
        """Raise ``Refusal`` for what is not asked by the user or by a page of ours, or not as it has to be."""
        headers = Headers(scope=scope)
        host = self._host(headers)
        if scope["type"] == "websocket":
            self._judge_origin(headers, host, is_needed=True)
            self._judge_site(headers)
        else:
            if not _opens_a_page(scope, headers) and not self._is_part_of_a_page(scope, headers):
                self._judge_origin(headers, host)
                self._judge_site(headers)
            self._judge_method(scope, headers)

    def _host(self, headers: Headers) -> str:
        """The host that the request names: each other name may belong to somebody, who has it lead to this machine."""
        found = headers.getlist("host")
        host = found[0].lower() if len(found) == 1 else ""
        if not self.addresses.are_asked(host):
            raise Refusal(
                421,
                f"This server does not answer for the host {_found(found)}: if that is how people reach it, start "
                f"publicvalue ui with {OPTION} and that address.",
            )
        return host

    def _judge_origin(self, headers: Headers, host: str, is_needed: bool = False) -> None:
        """Refuse a page of somebody else. A browser always names the page of a WebSocket; a program may do so."""
        found = headers.getlist("origin")
        if not found and not is_needed:
            return
        if len(found) != 1 or not self.addresses.include(found[0].lower(), host):
            raise Refusal(
                403,
                f"This server takes nothing from a page of the origin {_found(found)}: if that is where people reach "
                f"it, start publicvalue ui with {OPTION} and that address.",
            )

    def _judge_site(self, headers: Headers) -> None:
        """Refuse what the browser itself says that a page of somebody else has asked for; old ones do not say."""
        found = headers.getlist("sec-fetch-site")
        if not set(found) <= {"same-origin", "none"}:
            raise Refusal(
                403,
                f"Pages of other sites may link to this server and do nothing else: the browser calls this request "
                f"{_found(found)}, which no {OPTION} allows.",
            )

    def _is_part_of_a_page(self, scope: Scope, headers: Headers) -> bool:
        """Whether a style sheet or script is loaded that lies beside a sandboxed page: neither tells of any data."""
        return (
            scope["method"] == "GET"
            and scope["path"].startswith(self.sandboxed)
            and headers.getlist("sec-fetch-mode") == ["no-cors"]
            and headers.getlist("sec-fetch-dest") in (["style"], ["script"])
            and "origin" not in headers
        )

    def _judge_method(self, scope: Scope, headers: Headers) -> None:
        """Refuse what could change something and is not a POST of JSON, which a page cannot send to another site."""
        method = scope["method"]
        is_graphql = scope["path"].strip() in self.graphql
        if method not in (("POST",) if is_graphql else ("GET", "HEAD", "POST")):
            allowed = "POST" if is_graphql else "GET, HEAD, POST"
            raise Refusal(405, f"This address does not take {_found([method])}, only {allowed}.", Allow=allowed)
        if method != "POST":
            return
        found = headers.getlist("content-type")
        if len(found) != 1 or _media_type(found[0]) != JSON:
            raise Refusal(415, f"This server takes only {JSON} (found {_found(found)} as Content-Type).")
        in_address = [name for name in parse_qs(scope["query_string"], keep_blank_values=True) if is_graphql]
        if any(name.decode("latin-1") in IN_THE_BODY for name in in_address):
            raise Refusal(400, "A GraphQL request stands in the body, not in the address.")


def _opens_a_page(scope: Scope, headers: Headers) -> bool:
    """Whether somebody follows a link, of whatever page, to a page of ours; that does nothing but show it."""
    return (
        scope["method"] == "GET"
        and headers.getlist("sec-fetch-mode") == ["navigate"]
        and headers.getlist("sec-fetch-dest") == ["document"]
    )


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()


def _with_plain_media_type(scope: Scope) -> Scope:
    """Leave of a media type nothing but its name, by which all behind the guard then agree on what it is."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return scope
    named = [(name, JSON.encode() if name == b"content-type" else value) for name, value in scope["headers"]]
    return {**scope, "headers": named}


def _forbid_framing(headers: MutableHeaders) -> None:
    """Add to what the answer says of itself; where there is a content policy already, both hold."""
    policies = [policy.strip("; ") for policy in headers.getlist("content-security-policy")]
    headers["content-security-policy"] = "; ".join([*policies[:1], FRAMING])
    for policy in policies[1:]:
        headers.append("content-security-policy", policy)
    for name, value in ALWAYS.items():
        headers[name] = value


def _found(values: list[str]) -> str:
    """What a header holds, as it may be shown: what somebody else has written may be anything."""
    return " and ".join(shown(value) for value in values) or "that is not given"


def shown(text: str) -> str:
    """Return a text in quotation marks, short and in ASCII."""
    return ascii(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
