"""Without the class password nobody comes in; with it everyone does, and back to where they wanted to go."""

import asyncio
import time
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
ELSEWHERE = f"{COOKIE}=of another replica.{key(PASSWORD)}"
WRONG = f"{COOKIE}=of another replica.{key('another')}"
SECRET = "a secret of all replicas"


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


@pytest.fixture(autouse=True)
def no_shared_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(gate.SHARED, raising=False)


def cookie_of(client: Client, password: str = PASSWORD) -> str:
    return client.post("/", form(password)).headers["set-cookie"].partition(";")[0]


def form(password: str) -> bytes:
    return urlencode({"password": password}).encode()


@pytest.mark.parametrize("path", ["/", "/optimizers?optimizers.lr=0.1", "/_stcore/host-config", "/descent/run/x"])
def test_a_stranger_sees_the_question_only(client: Client, path: str) -> None:
    for answer in (client.get(path), client.get(path, headers={"Cookie": f"{WRONG}; a=b"})):
        assert answer.status_code == 401
        assert "Class password" in answer.text
        assert "inside" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "content-security-policy" in answer.headers


def test_a_stranger_gets_no_websocket(client: Client) -> None:
    assert talked(client.app, "/_stcore/stream") == ["websocket.close"]
    assert talked(client.app, "/_stcore/stream", headers={"Cookie": WRONG}) == ["websocket.close"]
    for cookie in (ELSEWHERE, cookie_of(client)):
        assert talked(client.app, "/_stcore/stream", headers={"Cookie": cookie})[0] == "websocket.accept"


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


@pytest.mark.parametrize("secret", ["", SECRET])
def test_every_replica_knows_the_cookie_and_a_new_password_ends_it(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(gate.SHARED, secret)
    cookie = cookie_of(Client(app()))
    assert Client(app()).get("/", headers={"Cookie": cookie}).status_code == 200
    other = Starlette(middleware=server.middleware(Settings(password="another one")))
    assert Client(other).get("/", headers={"Cookie": cookie}).status_code == 401


def test_with_a_shared_secret_no_cookie_can_be_made_from_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gate.SHARED, SECRET)
    client = Client(app())
    assert key(PASSWORD) not in cookie_of(client)
    for made in (key(PASSWORD), f".{key(PASSWORD)}", f"{key(PASSWORD)}.{key(PASSWORD)}", "", "."):
        assert client.get("/", headers={"Cookie": f"{COOKIE}={made}"}).status_code == 401
    monkeypatch.setenv(gate.SHARED, "another secret, just as long")
    assert Client(app()).get("/", headers={"Cookie": cookie_of(client)}).status_code == 401


def test_a_shared_secret_that_could_be_tried_out_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gate.SHARED, "secret")
    cookie = cookie_of(Client(app()))
    monkeypatch.delenv(gate.SHARED)
    assert cookie.partition(".")[0] != cookie_of(Client(app())).partition(".")[0]
    assert Client(app()).get("/", headers={"Cookie": cookie}).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", form(""), form(PASSWORD.upper()), form("pässword"), b"\xff\xfe", b"{}", form(PASSWORD) * 200]
)
def test_what_is_not_the_password_does_not_open(client: Client, body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSE", 0)
    answer = client.post("/", body)
    assert answer.status_code == 401
    assert "That is not the class password." in answer.text
    assert "set-cookie" not in answer.headers


# How fast can be guessed


Guess = tuple[bytes, str, str]  # the form, the cookie, and the address that it comes from


def told(gate_of: Gate, guesses: list[Guess]) -> list[tuple[int, float]]:
    """The status and the time of each answer, where all ask at once."""
    client = Client(gate_of)

    async def timed(guess: Guess, begin: float) -> tuple[int, float]:
        body, cookie, peer = guess
        scope = scope_of("/", method="POST" if body else "GET", headers={"Cookie": cookie}, peer=peer)
        answer = await client.ask(scope, body)
        return answer.status_code, time.perf_counter() - begin

    async def all_at_once() -> list[tuple[int, float]]:
        begin = time.perf_counter()
        return await asyncio.gather(*(timed(guess, begin) for guess in guesses))

    return asyncio.run(all_at_once())


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """A gate with short pauses."""
    monkeypatch.setattr(gate, "PAUSE", 0.02)
    return Gate(Starlette(routes=[Route("/", inside, methods=["GET", "POST"])]), PASSWORD)


def said(password: str, peer: str = "192.0.2.7") -> Guess:
    return form(password), "", peer


def shown(cookie: str, peer: str = "192.0.2.7") -> Guess:
    return b"", cookie, peer


@pytest.mark.parametrize(("wrong", "right"), [(said("guess"), said(PASSWORD)), (shown(WRONG), shown(ELSEWHERE))])
def test_a_right_guess_waits_for_the_wrong_ones_before_it(gated: Gate, wrong: Guess, right: Guess) -> None:
    answers = told(gated, [wrong] * 10 + [right])
    assert [code for code, _ in answers[:10]] == [401] * 10
    assert answers[10][0] in (200, 303)
    assert min(answers[10][1], answers[9][1]) >= 10 * 0.02
    assert gated.turns.queues == {}


@pytest.mark.parametrize("right", [said(PASSWORD), shown(ELSEWHERE)])
def test_where_too_many_wait_a_right_guess_is_told_the_same_as_a_wrong_one(
    gated: Gate, right: Guess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MOST_WAITING", 5)
    codes = [code for code, _ in told(gated, [said("guess")] * 5 + [right, said("guess"), shown(WRONG)])]
    assert codes == [401] * 5 + [429] * 3


def test_one_guesser_holds_up_nobody_at_another_address(gated: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PAUSE", 0.2)
    answers = told(gated, [said("guess")] * 5 + [said(PASSWORD, "192.0.2.8"), said(PASSWORD, "2001:db8::1")])
    assert [code for code, _ in answers[5:]] == [303, 303]
    assert max(seconds for _, seconds in answers[5:]) < 0.9 < answers[4][1]


def test_who_is_in_waits_for_no_guesser(gated: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = cookie_of(Client(gated))
    monkeypatch.setattr(gate, "MOST_WAITING", 5)
    assert told(gated, [said("guess")] * 8 + [shown(cookie)])[8][0] == 200


def test_a_lecture_hall_behind_one_address_comes_in(gated: Gate) -> None:
    """A hundred press the button at once, and before them are thirty with a slip of the finger."""
    codes = [code for code, _ in told(gated, [said("steepest decent")] * 30 + [said(PASSWORD)] * 100)]
    assert codes == [401] * 30 + [303] * 100


def test_many_addresses_do_not_guess_faster_without_end(gated: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MOST_PLACES", 3)
    answers = told(gated, [said("guess", f"192.0.2.{i}") for i in range(13)])
    assert [code for code, _ in answers] == [401] * 13
    assert answers[12][1] >= 10 * 0.02  # ten share one turn
    assert gated.turns.queues == {}


def test_a_request_with_many_cookies_is_two_guesses(gated: Gate) -> None:
    many = "; ".join([WRONG] * 2 + [ELSEWHERE] * 300)
    ((code, seconds),) = told(gated, [shown(many)])
    assert code == 401
    assert seconds >= 2 * 0.02
    assert told(gated, [shown(f"{WRONG}; {ELSEWHERE}")])[0][0] == 200


@pytest.mark.parametrize(
    ("peer", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "20010db800010002::/64"),
        ("2001:db8:1:2:ffff::", "20010db800010002::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_household_is_one_place(peer: str, place: str) -> None:
    assert gate.place_of(scope_of("/", peer=peer)) == place
    assert gate.place_of({**scope_of("/"), "client": None}) == ""


def test_an_old_cookie_is_forgotten_so_that_its_tab_guesses_once(client: Client) -> None:
    answer = client.get("/", headers={"Cookie": WRONG})
    assert f'{COOKIE}="";' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert "set-cookie" not in client.get("/").headers


# What else it says


@given(path=st.text(max_size=30), query=st.text(alphabet="ab=&?/:\\.", max_size=20))
def test_no_address_leads_to_another_site(path: str, query: str) -> None:
    scope = {**scope_of(f"/{path}", query), "server": ("course.example.org", 443), "scheme": "https"}
    there = urljoin("https://course.example.org/a/b", gate._back(URL(scope=scope)))
    assert urlsplit(there).netloc == "course.example.org"
    assert urlsplit(there).scheme == "https"
    assert not set("\r\n") & set(gate._back(URL(scope=scope)))


CLOSED = Client(Gate(Starlette(), PASSWORD, secret=SECRET))


@given(cookie=st.text(alphabet=st.characters(max_codepoint=255), max_size=60))
@settings(max_examples=60)
def test_any_cookie_is_read_or_left(cookie: str) -> None:
    assert CLOSED.get("/", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401


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
