"""A small client that asks the server's own routes."""

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.applications import Starlette
from starlette.types import ASGIApp

from dlcore.ui import server


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def scope_of(
    path: str, query: str = "", method: str = "GET", headers: Mapping[str, str] | None = None, peer: str = "127.0.0.1"
) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()],
        "client": (peer, 1),
        "server": ("127.0.0.1", 80),
    }


class Client:
    """Asks the routes as a server would; a path is sent as it stands, with nothing tidied up before."""

    def __init__(self, app: ASGIApp | None = None) -> None:
        self.app = app or Starlette(routes=server.ROUTES)

    def get(self, path: str, params: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """more: headers, and peer, the address of who asks."""
        path, _, query = path.partition("?")
        return asyncio.run(self.ask(scope_of(path, urlencode(params) if params else query, **more)))

    def post(self, path: str, body: bytes = b"", **more: Any) -> Answer:
        path, _, query = path.partition("?")
        return asyncio.run(self.ask(scope_of(path, query, method="POST", **more), body))

    async def ask(self, scope: dict[str, Any], body: bytes = b"") -> Answer:
        start: dict[str, Any] = {}
        parts: list[bytes] = []
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # the reader stays
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await asyncio.wait_for(self.app(scope, receive, send), 60)
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(parts))


def talked(app: ASGIApp, path: str, **more: Any) -> list[str]:
    """The kinds of messages that a websocket gets which wants to connect."""
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    asyncio.run(app({**scope_of(path, **more), "type": "websocket", "subprotocols": []}, receive, send))  # pyright: ignore[reportArgumentType]
    return sent
