"""The class password: until a browser has said it, the server answers with one page that asks for it.

Knows the password and no reader: whoever says it gets a cookie that is the same for all, and says nothing of them. A
new password ends the old cookies. With a secret that all replicas share, the cookie is signed by it. Without one each
server signs with its own, and the cookie also holds a key made from the password alone, by which the other replicas,
and this one after a restart, know it. Anyone can make such keys of words beforehand, so trying one is a guess.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from itertools import islice
from urllib.parse import parse_qs, quote

from starlette.datastructures import URL, Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dlcore.settings import SHORTEST_SECRET

COOKIE = "descent_class"
SHARED = "STREAMLIT_SERVER_COOKIE_SECRET"  # the variable of what signs Streamlit's own cookies, for all replicas
HOURS = 12
LONGEST_FORM = 2048  # bytes
MOST_COOKIES = 2  # of our name that are looked at: a browser may have two, of two paths
OPEN = ("/healthz", "/_stcore/health")  # for what looks after the server; the host's own pages have their token
PAUSE = 0.2  # seconds that a wrong guess takes, one after another: five a second from one address
MOST_WAITING = 200  # at one address: a lecture hall has one, and all of it may come at once
MOST_PLACES = 20  # addresses that guess at once; more share one turn, so that many addresses guess a hundred a second
SALT = b"descent class password"


def key(password: str) -> str:
    """What other replicas know a cookie by: slow to be made, so that trying out words on it takes long."""
    return hashlib.scrypt(password.encode(), salt=SALT, n=2**14, r=8, p=1, dklen=24).hex()


class CrowdError(Exception):
    """More wait for their turn than may; says nothing of whether their guess is right."""


@dataclass
class Queue:
    """Those who guess from one place, one after another."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    num_waiting: int = 0


class Turns:
    """Every guess waits for those before it from the same place, right or wrong, and a wrong one holds up the next.

    A right one takes no time, so a class that knows the word comes in at once. A place is known only while someone
    waits there.
    """

    def __init__(self) -> None:
        self.queues: dict[str, Queue] = {}

    async def judged(self, place: str, guesses: list[str], answer: str) -> bool:
        """Whether one of them is the answer; nothing is compared before its turn.

        Raises: CrowdError where too many wait already.
        """
        if place not in self.queues and len(self.queues) >= MOST_PLACES:
            place = "elsewhere"
        queue = self.queues.setdefault(place, Queue())
        if queue.num_waiting >= MOST_WAITING:
            raise CrowdError
        queue.num_waiting += len(guesses)
        try:
            async with queue.turn:
                right = any(_same(guess, answer) for guess in guesses)
                if not right:
                    await asyncio.sleep(PAUSE * len(guesses))
                return right
        finally:
            queue.num_waiting -= len(guesses)
            if not queue.num_waiting:
                del self.queues[place]


class Gate:
    """Middleware that lets nobody in without the password, to pages as to streams and websockets."""

    def __init__(
        self,
        app: ASGIApp,
        password: str,
        open_paths: tuple[str, ...] = OPEN,
        framed: bool = False,
        secret: str | None = None,
    ) -> None:
        """framed: other sites may show the app, so that the cookie has to go along from there.

        secret: shared by all replicas; by default the host's for Streamlit. One that is too short could be tried out,
        and counts as none.
        """
        self.app = app
        self.password = password
        self.open_paths = open_paths
        self.framed = framed
        secret = (os.environ.get(SHARED, "") if secret is None else secret).strip()
        shared = len(secret) >= SHORTEST_SECRET
        signer = secret if shared else secrets.token_hex()
        self.signature = hmac.new(signer.encode(), SALT + password.encode(), hashlib.sha256).hexdigest()
        self.key = "" if shared else key(password)
        self.turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does to those who have said it."""
        if scope["type"] not in ("http", "websocket") or (refusal := await self._refusal(scope, receive)) is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()  # its wish to connect
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, send)

    async def _refusal(self, scope: Scope, receive: Receive) -> Response | None:
        """What a stranger is told; None for who may pass."""
        if scope["type"] == "http" and scope["path"] in self.open_paths:
            return None
        cookies = [value.partition(".") for value in _cookies(scope)]
        if any(_same(signature, self.signature) for signature, _, _ in cookies):  # nobody can guess it: no turn
            return None
        keys = [made for _, _, made in cookies if self.key and len(made) == len(self.key)]
        place = place_of(scope)
        try:
            if keys and await self.turns.judged(place, keys, self.key):
                return None
            response = _ask() if scope.get("method") != "POST" else await self._answer(Request(scope, receive), place)
        except CrowdError:
            return _ask("Too many tried at once: wait a moment.", 429)
        if keys and response.status_code == 401:  # or else every request of an old tab would be a guess again
            self._set_cookie(response, scope, "", seconds=0)
        return response

    async def _answer(self, request: Request, place: str) -> Response:
        said = await _said(request)  # before the turn: a slow sender holds up nobody
        if not await self.turns.judged(place, [said], self.password):
            return _ask("That is not the class password.")
        response = RedirectResponse(_back(request.url), status_code=303)
        value = f"{self.signature}.{self.key}" if self.key else self.signature
        self._set_cookie(response, request.scope, value, seconds=HOURS * 3600)
        return response

    def _set_cookie(self, response: Response, scope: Scope, value: str, seconds: int) -> None:
        secure = scope["scheme"] == "https"
        samesite = "none" if self.framed and secure else "lax"
        response.set_cookie(COOKIE, value, max_age=seconds, httponly=True, secure=secure, samesite=samesite)


def place_of(scope: Scope) -> str:
    """Where a guess comes from: an address, or the network of 64 bits that one household has in IPv6."""
    host = (scope.get("client") or ("",))[0]
    try:
        address = ip_address(host)
    except ValueError:  # such as a socket's name
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or f"{int(address) >> 64:x}::/64")
    return str(address)


async def _said(request: Request) -> str:
    """The password of the form; "" where the form is not one."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return ""
    return parse_qs(body.decode("ascii", "replace")).get("password", [""])[0]


def _cookies(scope: Scope) -> list[str]:
    """The first values of our cookie."""
    return list(islice(_all_cookies(scope), MOST_COOKIES))


def _all_cookies(scope: Scope) -> Iterator[str]:
    for header in Headers(scope=scope).getlist("cookie"):
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE:
                yield value.strip('"')


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _back(url: URL) -> str:
    """Where the reader wanted to go, as seen from there: it cannot lead to another site."""
    return f"./{quote(url.path.rpartition('/')[2])}" + (f"?{url.query}" if url.query else "")


def _ask(fault: str = "", status: int = 401) -> Response:
    headers = {"Cache-Control": "no-store"}
    return HTMLResponse(PAGE % (f'<p role="alert">{fault}</p>' if fault else ""), status_code=status, headers=headers)


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Descent: class password</title>
<style>
  :root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif; }
  body { min-height: 90vh; display: grid; place-content: center; margin: 0 1rem; }
  h1 { font-size: 1.4rem; margin: 0; } p { margin: .4rem 0; } label { display: block; margin-top: .8rem; }
  form > div { display: flex; gap: .5rem; margin-top: .3rem; }
  input, button { font: inherit; padding: .4rem .7rem; }
  [role=alert] { color: light-dark(#a8431a, #ff9b66); }
</style>
<h1>Descent</h1>
<p>This server is for a class.</p>
<form method="post">
  <label for="password">Class password</label>
  <div><input id="password" name="password" type="password" autocomplete="current-password" autofocus required>
  <button>Come in</button></div>
</form>
%s
</html>
"""
