"""The class password: until a browser has said it, the server answers with one page that asks for it.

Knows the password and no reader: whoever says it gets a cookie that is the same for all, and says nothing of them. It
is made from the password alone, so every replica knows it, and a new password ends the old ones.
"""

import asyncio
import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote

from starlette.datastructures import URL, Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "descent_class"
HOURS = 12
LONGEST_FORM = 2048  # bytes
OPEN = ("/healthz", "/_stcore/health")  # for what looks after the server; the host's own pages have their token
PAUSE = 0.2  # seconds for a wrong password, one after another: five guesses a second, however many guess
MOST_WAITING = 50
SALT = b"descent class password"


def key(password: str) -> str:
    """What the cookie holds: slow to be made, so that the password cannot be tried out on it."""
    return hashlib.scrypt(password.encode(), salt=SALT, n=2**14, r=8, p=1, dklen=24).hex()


class Gate:
    """Middleware that lets nobody in without the password, to pages as to streams and websockets."""

    def __init__(self, app: ASGIApp, password: str, open_paths: tuple[str, ...] = OPEN, framed: bool = False) -> None:
        """framed: other sites may show the app, so that the cookie has to go along from there."""
        self.app = app
        self.password = password
        self.open_paths = open_paths
        self.framed = framed
        self.key = key(password)
        self.num_waiting = 0
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does to those who have said it."""
        if scope["type"] not in ("http", "websocket") or self._may_pass(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()  # its wish to connect
            await send({"type": "websocket.close", "code": 1008})
        else:
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        if scope["type"] == "http" and scope["path"] in self.open_paths:
            return True
        return any(_same(value, self.key) for value in _cookies(scope))

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return _ask()
        if not _same(await _said(request), self.password):
            return await self._refuse()
        response = RedirectResponse(_back(request.url), status_code=303)
        secure = request.url.scheme == "https"
        response.set_cookie(
            COOKIE,
            self.key,
            max_age=HOURS * 3600,
            httponly=True,
            secure=secure,
            samesite="none" if self.framed and secure else "lax",
        )
        return response

    async def _refuse(self) -> Response:
        if self.num_waiting >= MOST_WAITING:
            return _ask("Too many tried at once: wait a moment.", 429)
        self.num_waiting += 1
        try:
            async with self._turn:
                await asyncio.sleep(PAUSE)
        finally:
            self.num_waiting -= 1
        return _ask("That is not the class password.")


async def _said(request: Request) -> str:
    """The password of the form; "" where the form is not one."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return ""
    return parse_qs(body.decode("ascii", "replace")).get("password", [""])[0]


def _cookies(scope: Scope) -> list[str]:
    """The values of our cookie; a browser may have two, of two paths."""
    values = []
    for header in Headers(scope=scope).getlist("cookie"):
        for part in header.split(";"):
            try:
                jar = SimpleCookie(part.strip())
            except CookieError:
                continue
            values += [morsel.value for name, morsel in jar.items() if name == COOKIE]
    return values


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
