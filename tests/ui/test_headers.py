"""Every answer carries the headers, and the policy names what it must and nothing else."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from dlcore.settings import Settings
from dlcore.ui import server
from dlcore.ui.headers import policy, script_hashes
from tests.ui.asgi_client import Client, talked

INDEX = Path(str(streamlit.__file__)).parent / "static" / "index.html"


async def plain(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def stream(_: Request) -> StreamingResponse:
    async def parts():
        yield b"one"
        yield b"two"

    return StreamingResponse(parts(), headers={"X-Own": "kept"})


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def app(host: Settings | None = None) -> Starlette:
    routes = [Route("/plain", plain), Route("/stream", stream), WebSocketRoute("/talk", talk)]
    return Starlette(routes=routes, middleware=server.middleware(host or Settings()))


@pytest.mark.parametrize(("path", "status"), [("/plain", 200), ("/stream", 200), ("/nothing", 404)])
def test_every_answer_has_them(path: str, status: int) -> None:
    answer = Client(app()).get(path)
    assert answer.status_code == status
    headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-security-policy"] == policy("'self'")


def test_a_stream_stays_a_stream_and_keeps_its_own_headers() -> None:
    answer = Client(app()).get("/stream")
    assert answer.content == b"onetwo"
    assert answer.headers["x-own"] == "kept"


def test_a_websocket_is_left_alone() -> None:
    assert talked(app(), "/talk") == ["websocket.accept", "websocket.close"]


def directives(text: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in text.split("; "))}


def test_what_is_not_named_is_forbidden() -> None:
    parts = directives(policy("'self'"))
    assert parts["default-src"] == ["'none'"]
    scripts = parts["script-src"]
    assert scripts[:3] == ["'self'", "blob:", "'wasm-unsafe-eval'"]
    assert all(source.startswith("'sha256-") for source in scripts[3:])
    assert not {"'unsafe-eval'", "'unsafe-inline'", "*", "https:", "http:", "data:"} & set(scripts)
    for name, sources in parts.items():
        assert not {"*", "https:", "http:"} & set(sources), name


def test_the_inline_scripts_of_this_streamlits_page_are_named_by_their_hash() -> None:
    scripts = re.findall(r"<script>(.*?)</script>", INDEX.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert scripts
    assert len(script_hashes()) == len(scripts)
    for script, source in zip(scripts, script_hashes(), strict=True):
        assert base64.b64decode(source[8:-1]) == hashlib.sha256(script.encode()).digest()
    assert not re.search(r"<[^>]+\son\w+=", INDEX.read_text(encoding="utf-8")), "an inline handler has no hash"


def test_a_course_site_may_show_it_in_a_frame_where_the_host_allows_it() -> None:
    host = Settings(frame_ancestors="'self' https://moodle.example.org")
    told = directives(Client(app(host)).get("/plain").headers["content-security-policy"])
    assert told["frame-ancestors"] == ["'self'", "https://moodle.example.org"]
