"""What every answer says to the browser about itself: where scripts may come from, and who may frame the page.

Knows what Streamlit's own page needs, and nothing of any lesson. What each directive is for:

- script-src: files of this server; the one inline script of Streamlit's page, by its hash; `blob:`, as which Streamlit
  loads the few lines that begin a component; WebAssembly, with which it colours code. Text is never run as a script.
- style-src: Streamlit writes styles into the page, and so do its charts and ours.
- img-src, font-src: pictures made in the page, and icons that styles carry with them.
- connect-src: this server's websocket and streams. worker-src: Streamlit's own, which are blobs.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@cache
def script_hashes() -> tuple[str, ...]:
    """The inline scripts of the page that this Streamlit serves, as a policy names them."""
    import streamlit

    page = (Path(str(streamlit.__file__)).parent / "static" / "index.html").read_text(encoding="utf-8")
    digests = [hashlib.sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(page)]
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def policy(frame_ancestors: str) -> str:
    """The content security policy; frame_ancestors: who may show the app in a frame, as DESCENT_FRAME_ANCESTORS."""
    directives = {
        "default-src": "'none'",
        "script-src": " ".join(("'self'", "blob:", "'wasm-unsafe-eval'", *script_hashes())),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": frame_ancestors,
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


class Headers:
    """Middleware that adds them to every answer, streams and errors included."""

    def __init__(self, app: ASGIApp, frame_ancestors: str) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": policy(frame_ancestors),
            "X-Content-Type-Options": "nosniff",
            # A scene is in the address: other sites are not told which one a reader came from.
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does, with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)
