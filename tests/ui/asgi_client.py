"""A small client that asks the server's own routes."""

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.applications import Starlette

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


def scope_of(path: str, query: str = "", method: str = "GET") -> dict[str, Any]:
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
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


class Client:
    """Asks the routes as a server would; a path is sent as it stands, with nothing tidied up before."""

    def __init__(self) -> None:
        self.app = Starlette(routes=server.ROUTES)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        path, _, query = path.partition("?")
        return asyncio.run(self._ask(scope_of(path, urlencode(params) if params else query)))

    def post(self, path: str) -> Answer:
        return asyncio.run(self._ask(scope_of(path, method="POST")))

    async def _ask(self, scope: dict[str, Any]) -> Answer:
        start: dict[str, Any] = {}
        parts: list[bytes] = []
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # the reader stays
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await asyncio.wait_for(self.app(scope, receive, send), 60)
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(parts))
