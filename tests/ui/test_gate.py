"""Without the class password nobody comes in; with it everyone does, and back to where they wanted to go."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from dlcore.settings import Settings
from dlcore.ui import gate, server
from dlcore.ui.gate import COOKIE, Gate, key
from tests.ui.asgi_client import Client, scope_of, talked

PASSWORD = "steepest descent"
INSIDE = f"{COOKIE}={key(PASSWORD)}"


async def inside(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"inside {request.url.query}")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


def app(**fields: Any) -> Starlette:
    routes = [Route("/{path:path}", inside, methods=["GET", "POST"]), WebSocketRoute("/_stcore/stream", talk)]
    return Starlette(routes=routes, middleware=server.middleware(Settings(password=PASSWORD, **fields)))


@pytest.fixture
def client() -> Client:
    return Client(app())


def form(password: str) -> bytes:
    return urlencode({"password": password}).encode()


@pytest.mark.parametrize("path", ["/", "/optimizers?optimizers.lr=0.1", "/_stcore/host-config", "/descent/run/x"])
def test_a_stranger_sees_the_question_only(client: Client, path: str) -> None:
    for answer in (client.get(path), client.get(path, headers={"Cookie": f"{COOKIE}={key('another')}; a=b"})):
        assert answer.status_code == 401
        assert "Class password" in answer.text
        assert "inside" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "content-security-policy" in answer.headers


def test_a_stranger_gets_no_websocket(client: Client) -> None:
    assert talked(client.app, "/_stcore/stream") == ["websocket.close"]
    assert talked(client.app, "/_stcore/stream", headers={"Cookie": INSIDE})[0] == "websocket.accept"


def test_the_password_opens_and_leads_back_to_the_same_scene(client: Client) -> None:
    scene = "/optimizers?optimizers.lr=0.1&lecture=1"
    answer = client.post(scene, form(PASSWORD))
    assert answer.status_code == 303
    assert urljoin(scene, answer.headers["location"]) == scene
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert PASSWORD not in cookie
    again = client.get(scene, headers={"Cookie": f"theme=dark; {cookie.partition(';')[0]}"})
    assert again.text == "inside optimizers.lr=0.1&lecture=1"


def test_every_replica_knows_the_cookie_and_a_new_password_ends_it() -> None:
    assert Client(app()).get("/", headers={"Cookie": INSIDE}).status_code == 200
    other = Starlette(middleware=server.middleware(Settings(password="another one")))
    assert Client(other).get("/", headers={"Cookie": INSIDE}).status_code == 401


@pytest.mark.parametrize(
    "body", [b"", form(""), form(PASSWORD.upper()), form("pässword"), b"\xff\xfe", b"{}", form(PASSWORD) * 200]
)
def test_what_is_not_the_password_does_not_open(client: Client, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSE", 0)
    answer = client.post("/", body)
    assert answer.status_code == 401
    assert "That is not the class password." in answer.text
    assert "set-cookie" not in answer.headers


def test_guesses_wait_for_one_another_and_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSE", 0.02)
    monkeypatch.setattr(gate, "MOST_WAITING", 10)
    client = Client(Gate(Starlette(), PASSWORD))

    async def guess() -> list[int]:
        scopes = [scope_of("/", method="POST") for _ in range(15)]
        answers = await asyncio.gather(*(client.ask(scope, form("guess")) for scope in scopes))
        return [answer.status_code for answer in answers]

    begin = time.perf_counter()
    codes = asyncio.run(guess())
    assert time.perf_counter() - begin >= 10 * 0.02
    assert sorted(codes) == [401] * 10 + [429] * 5


@given(path=st.text(max_size=30), query=st.text(alphabet="ab=&?/:\\.", max_size=20))
def test_no_address_leads_to_another_site(path: str, query: str) -> None:
    scope = {**scope_of(f"/{path}", query), "server": ("course.example.org", 443), "scheme": "https"}
    there = urljoin("https://course.example.org/a/b", gate._back(URL(scope=scope)))
    assert urlsplit(there).netloc == "course.example.org"
    assert urlsplit(there).scheme == "https"
    assert not set("\r\n") & set(gate._back(URL(scope=scope)))


@given(cookie=st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
@settings(max_examples=60)
def test_any_cookie_is_read_or_left(cookie: str) -> None:
    passed: Callable[..., bool] = Gate(Starlette(), PASSWORD)._may_pass
    assert not passed(scope_of("/", headers={"Cookie": f"{COOKIE}={cookie}"}))


def test_what_looks_after_the_server_needs_no_password(client: Client) -> None:
    assert client.get("/_stcore/health").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get("/metrics", headers={"Host": "localhost"}).status_code == 200
    assert client.get("/metrics", headers={"Host": "localhost"}, peer="192.0.2.7").status_code == 403


def test_in_a_frame_of_another_site_the_cookie_goes_along_over_https_alone() -> None:
    framed = Client(app(frame_ancestors="https://moodle.example.org"))
    assert "SameSite=lax" in framed.post("/", form(PASSWORD)).headers["set-cookie"]
    scope = {**scope_of("/", method="POST"), "scheme": "https"}
    cookie = asyncio.run(framed.ask(scope, form(PASSWORD))).headers["set-cookie"]
    assert "SameSite=none" in cookie
    assert "Secure" in cookie


def test_without_a_password_there_is_no_gate() -> None:
    names = [each.cls.__name__ for each in server.middleware(Settings())]  # pyright: ignore[reportAttributeAccessIssue]
    assert "Gate" not in names
