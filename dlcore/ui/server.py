"""The server's own routes: the components' files, Plotly.js, QR codes, and frames streamed to a player."""

import gc
import gzip
import hashlib
import io
import logging
import time
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from dlcore import settings
from dlcore.datasets.points import POINT_SETS
from dlcore.lessons import ROOT, discover
from dlcore.settings import Settings
from dlcore.ui import host, logs, runs
from dlcore.ui.gate import OPEN, Gate
from dlcore.ui.headers import Headers
from dlcore.ui.host import PRIVATE, HostOnly

ASSETS = ROOT / "assets"
FOLDERS = ("player", "shell")
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css"}
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
LONGEST_LINK = 2000
MOST_FILES = 10_240  # macOS takes no more
log = logging.getLogger(__name__)


@cache
def version() -> str:
    """Changes whenever a script or style does, so that browsers may keep the old ones for ever."""
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((ASSETS / folder).iterdir()):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


async def component_file(request: Request) -> Response:
    """A component's script or style; the version in the path makes it safe to cache for ever."""
    folder, name = request.path_params["folder"], request.path_params["name"]
    path = ASSETS / folder / Path(name).name
    if folder not in FOLDERS or path.suffix not in MEDIA_TYPES or not path.is_file():
        return PlainTextResponse("There is no such file.", status_code=404)
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers=IMMUTABLE)


@cache
def plotly_script() -> bytes:
    """Plotly.js as the installed Python package ships it, gzipped once and not for every reader of a class.

    The package is not imported: figures are plain data, and this file is all that the app needs of it.
    """
    path = Path(str(distribution("plotly").locate_file("plotly/package_data/plotly.min.js")))
    return gzip.compress(path.read_bytes(), 6)


async def plotly_js(request: Request) -> Response:
    """Plotly.js: one version, and nothing from outside."""
    headers = {**IMMUTABLE, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(plotly_script(), media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(plotly_script()), media_type="text/javascript", headers=headers)


async def qr_code(request: Request) -> Response:
    """The link in `?text=` as an SVG, dark on white in either theme, as scanners want it."""
    import segno

    text = request.query_params.get("text", "")
    if not text.startswith(("http://", "https://")) or len(text) > LONGEST_LINK:
        return PlainTextResponse(f"text: give a link of at most {LONGEST_LINK} characters.", status_code=400)
    picture = io.BytesIO()
    try:
        code = segno.make(text, error="m")
    except segno.DataOverflowError:
        return PlainTextResponse("text: this link is too long for a QR code.", status_code=400)
    code.save(picture, kind="svg", scale=8, border=3, dark="#000", light="#fff")
    return Response(picture.getvalue(), media_type="image/svg+xml")


ROUTES = [
    Route("/descent/{version}/plotly.min.js", plotly_js),
    Route("/descent/{version}/{folder}/{name}", component_file),
    Route("/descent/qr.svg", qr_code),
    *runs.ROUTES,
    *host.ROUTES,
]


def middleware(chosen: Settings) -> list[Middleware]:
    """What every request and every answer goes through, from the outside in."""
    passed = [
        Middleware(Headers, frame_ancestors=chosen.frame_ancestors),
        Middleware(HostOnly, token=chosen.host_token),
    ]
    if chosen.password:
        framed = chosen.frame_ancestors != Settings().frame_ancestors
        passed.append(Middleware(Gate, password=chosen.password, open_paths=(*OPEN, *PRIVATE), framed=framed))
    return passed


def _open_files() -> None:
    """Allows as many open files as the system lets a process have, up to MOST_FILES; a session has four.

    A shell on macOS gives 256, which sixty readers would use up. Windows knows no such limit.
    """
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # the kernel's own limit may be lower than the one it tells
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@asynccontextmanager
async def lifespan(_):
    """Imports what the first reader would otherwise wait for, and keeps it out of every garbage collection.

    The workers begin and end with the server.
    """
    import torch

    begin = time.perf_counter()
    logs.configure(settings.read().log)
    for sentence in settings.strangers():
        log.warning(sentence)
    torch.set_num_threads(1)
    torch.optim.Adam([torch.zeros(1, requires_grad=True)])  # pulls in its own lazy imports
    torch.zeros(1, requires_grad=True).sum().backward()  # starts autograd's threads
    plotly_script()
    _open_files()
    runs.jobs()
    discover()
    for load in POINT_SETS.values():
        load()
    gc.collect()
    gc.freeze()
    log.info("ready", extra={"seconds": round(time.perf_counter() - begin, 2), "version": version()})
    yield {}
    runs.jobs().shutdown()
