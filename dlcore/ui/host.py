"""What the host of a server may ask it: whether it is ready, its numbers for Prometheus, and a page of them.

With a token set, only who has it may ask. Without one, only this machine: a request counts as from here where it comes
from loopback, by the machine's own name, without a proxy's header. A proxy or a tunnel on this machine that adds no
header and asks for localhost cannot be told from it, so with one of those set a token.

Knows how it is asked and who may ask; the numbers come from Streamlit, the workers, and `metrics`.
"""

import base64
import binascii
import hmac
import html
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime

from dlcore import settings
from dlcore.ui import metrics, runs
from dlcore.ui.metrics import Family, count, counts, gauge, gauges
from dlcore.ui.turns import turns

PRIVATE = ("/metrics", "/descent/host", "/descent/runs", "/_stcore/metrics")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: A proxy on this machine speaks for others, and says so in one of these.
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "x-forwarded-host")
ASK = {"WWW-Authenticate": 'Basic realm="The host of this server", charset="UTF-8"'}
NO_STORE = {"Cache-Control": "no-store"}
BEGUN = time.monotonic()


# Who may ask


class HostOnly:
    """Middleware that keeps what is the host's own from everyone else."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the app does, where the asker may know it."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(PRIVATE):
            request = HTTPConnection(scope)
            if not (knows(request, self.token) if self.token else is_here(request)):
                await _refusal(bool(self.token))(scope, receive, send)
                return
        await self.app(scope, receive, send)


def is_here(request: HTTPConnection) -> bool:
    """Whether it was asked from this machine, by its own name and for nobody else, as far as the request says.

    Another name is a page that lent its own to this address; a proxy is known by its header, and not without one.
    """
    peer = request.client.host if request.client else ""
    name = urlsplit(f"//{request.headers.get('host', '')}").hostname
    return peer in LOOPBACK and name in LOOPBACK and not any(each in request.headers for each in FORWARDED)


def knows(request: HTTPConnection, token: str) -> bool:
    """Whether the token came along: as a bearer token, or as the password beside any name."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif kind.lower() != "bearer":
        return False
    return hmac.compare_digest(value.strip().encode(), token.encode())


def _refusal(asks: bool) -> Response:
    if asks:
        return PlainTextResponse("This needs the host's token.", status_code=401, headers=ASK)
    sentence = "This opens on the server's own machine only; with DESCENT_HOST_TOKEN set, wherever that is known."
    return PlainTextResponse(sentence, status_code=403)


# The numbers


def families() -> list[Family]:
    """All that is counted."""
    load = runs.jobs().load
    tally = load.tally
    return [
        gauge("descent_sessions", "Readers with an open tab.", num_sessions()),
        gauges(
            "descent_runs",
            "Runs that are computed, and those that wait.",
            "state",
            {"running": load.running, "waiting": load.waiting},
        ),
        count("descent_runs_submitted_total", "Runs that were asked for.", tally.submitted),
        count("descent_runs_shared_total", "Of these, such as were computed for another reader, too.", tally.shared),
        counts("descent_runs_ended_total", "Runs by how they ended.", "state", {**tally.ended}),
        count("descent_runs_waited_seconds_total", "Time in the queue, of all runs.", tally.waited_seconds),
        count("descent_runs_ran_seconds_total", "Time with a worker, of all runs.", tally.ran_seconds),
        gauge("descent_workers", "Workers that can take a run.", load.able),
        count("descent_workers_lost_total", "Worker processes that have ended before their time.", tally.lost_workers),
        gauge("descent_frames_bytes", "Frames of runs that can still be read.", load.num_bytes),
        gauges(
            "descent_memory_bytes",
            "Memory of the server and of its workers; pages that they share are counted once.",
            "part",
            {"server": memory(os.getpid()), "workers": sum(map(memory, load.pids))},
        ),
        gauge("descent_uptime_seconds", "Since the server began.", round(time.monotonic() - BEGUN, 1)),
        gauge("descent_scripts_waiting", "Pages whose script waits for its turn.", turns().num_waiting),
        metrics.SCRIPTS.family(),
        metrics.FAILURES.family(),
    ]


def num_sessions() -> int:
    """How many tabs are connected."""
    if not runtime.exists():
        return 0
    stats = runtime.get_instance().stats_mgr.get_stats(["active_sessions"])
    return sum(int(stat.value) for found in stats.values() for stat in found)  # pyright: ignore[reportAttributeAccessIssue]


def memory(pid: int) -> int:
    """Bytes of a process, its share of what it shares with others; 0 where that cannot be known."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # not Linux, or it has just ended
        return 0
    return 1024 * next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


def unready() -> str:
    """Why no reader should be sent here, in words; "" where all is well."""
    if not runs.jobs().load.able:
        return "No worker process is up."
    return ""


# The answers


async def healthz(_: Request) -> Response:
    """Whether readers may be sent here; /_stcore/health says whether the server lives."""
    why = unready()
    return JSONResponse({"ready": not why, "why": why}, status_code=503 if why else 200, headers=NO_STORE)


async def prometheus(_: Request) -> Response:
    """The numbers as Prometheus reads them."""
    return PlainTextResponse(metrics.text(families()), media_type=metrics.MEDIA_TYPE, headers=NO_STORE)


async def page(_: Request) -> Response:
    """The numbers as a person reads them; the page asks again by itself."""
    return HTMLResponse(PAGE.format(numbers=_numbers(), pages=_pages(), settings=_settings()), headers=NO_STORE)


def _numbers() -> str:
    rows = [
        (" ".join([family.meaning, *labels.values()]), f"{value:,.15g}")
        for family in families()
        for _, labels, value in family.samples
        if family.kind != "histogram"
    ]
    return _rows(rows)


def _pages() -> str:
    slow = metrics.SCRIPTS.slowest()
    return _rows([(page, f"{n:,}", f"{1e3 * mean:.0f} ms", _below(p95)) for page, (n, mean, p95) in slow.items()])


def _below(seconds: float) -> str:
    return f"more than {metrics.BOUNDS[-1]:g} s" if seconds == float("inf") else f"{1e3 * seconds:.0f} ms or less"


def _settings() -> str:
    shown = settings.shown(settings.read())
    return _rows([(name, value, settings.VARIABLES[name].meaning) for name, value in shown.items()])


def _rows(rows: list[tuple[str, ...]]) -> str:
    return "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<title>Descent: the host's page</title>
<style>
  :root {{ color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }}
  body {{ max-width: 66rem; margin: 2rem auto; padding: 0 1rem; }}
  h1 {{ font-size: 1.4rem; }} h2 {{ font-size: 1.1rem; margin-top: 2rem; }}
  table {{ border-collapse: collapse; }}
  td, th {{ padding: .2rem 1.2rem .2rem 0; text-align: left; vertical-align: top; }}
  tr {{ border-bottom: 1px solid light-dark(#e3e6ea, #2a313a); }} td {{ font-variant-numeric: tabular-nums; }}
</style>
<h1>This server now</h1>
<table>{numbers}</table>
<h2>Pages</h2>
<table><tr><th>page</th><th>runs of its script</th><th>mean</th><th>95 %</th></tr>{pages}</table>
<h2>Settings</h2>
<table>{settings}</table>
</html>
"""

ROUTES = [Route("/healthz", healthz), Route("/metrics", prometheus), Route("/descent/host", page)]
