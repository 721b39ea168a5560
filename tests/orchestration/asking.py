"""Requests to an ASGI application without a network: with the very headers that a test writes, and no others.

Belongs here: asking and what is answered; what is expected stands in the tests.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What came back; status 101 for a WebSocket that was taken."""

    status: int
    headers: Headers
    text: str


def ask(
    app: ASGIApp,
    path: str = "/",
    headers: Iterable[tuple[str, str]] = (),
    method: str = "GET",
    query: str = "",
    body: bytes = b"",
    kind: str = "http",
) -> Answer:
    """Ask an application once."""
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "extensions": {"websocket.http.response": {}},
        "subprotocols": [],
        "state": {},
    }
    if kind == "http":
        scope |= {"method": method, "scheme": "http", "http_version": "1.1"}
    came: list[Message] = []
    waiting: list[Message] = [
        {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request", "body": body}
    ]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": f"{kind}.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        came.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    start = came[0]
    if start["type"] == "websocket.accept":
        return Answer(101, Headers(), "")
    content = b"".join(message.get("body", b"") for message in came[1:])
    return Answer(start["status"], Headers(raw=start["headers"]), content.decode())
