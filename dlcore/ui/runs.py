"""The server's workers, and the address at which a run's frames are read while they are computed, and it is stopped."""

import asyncio
import atexit
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from functools import cache

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dlcore import settings
from dlcore.figures.stage import pack_chunk
from dlcore.jobs import Job, Jobs, Limits, unpacked
from dlcore.settings import Settings
from dlcore.training import Snapshot, stacked

#: What the first run of a worker would otherwise wait for.
PRELOAD = ("dlcore.training", "dlcore.topics.saliency.explain", "captum.attr", "sklearn.datasets", "sklearn.cluster")
MB = 1_000_000
FRAMES_PER_CHUNK = 32  # each message has its price; packing more at once would hold up the other readers
PAUSE = 0.03  # seconds in which a run that is being computed gathers frames, since each message has its price
MESSAGES_BYTES = 32 * MB  # that are kept for others who read the same run
PATIENCE = 0.5  # seconds after which a reader who waits hears where they stand in the queue
GONE = "This run is not kept any more. Press “Go on” to compute it again."
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@cache
def jobs() -> Jobs:
    """The workers of this server, started when they are first asked for; they end with it."""
    chosen = settings.read()
    ray = "" if chosen.engine == "local" else chosen.engine
    started = Jobs(chosen.workers, limits=limits_of(chosen), preload=PRELOAD, nice=chosen.worker_nice, ray=ray)
    atexit.register(started.shutdown)
    return started


def limits_of(chosen: Settings) -> Limits:
    """What the host allows; one run may take three quarters of a worker's memory."""
    return Limits(
        running=chosen.runs,
        running_per_owner=chosen.runs_per_reader,
        waiting=chosen.waiting,
        seconds=chosen.run_seconds,
        num_bytes=chosen.run_mb * MB,
        worker_bytes=chosen.worker_mb * MB,
        run_bytes=chosen.worker_mb * MB * 3 // 4,
    )


def addresses(job: Job) -> dict[str, str]:
    """Where the frames of this run are read, and where it is stopped; relative, since the app may live under a path."""
    return {"stream": f"descent/run/{job.id}", "stops": f"descent/run/{job.id}/stop"}


class Messages:
    """Frames as a page reads them, packed once for all who read one run; those asked for least lately go first."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._num_bytes = 0
        self._kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()

    def of(self, run: str, position: int, frames: Sequence[bytes]) -> bytes:
        """These pickled frames of a run, the first of which is at this position, as one message."""
        what = run, position, len(frames)
        if what not in self._kept:
            self._kept[what] = packed(position, [unpacked(frame) for frame in frames])
            self._num_bytes += len(self._kept[what])
        self._kept.move_to_end(what)
        message = self._kept[what]
        while self._num_bytes > self._most_bytes:
            self._num_bytes -= len(self._kept.popitem(last=False)[1])
        return message


@cache
def messages() -> Messages:
    """Those of this server; only its event loop asks for them, so nothing is locked."""
    return Messages(MESSAGES_BYTES)


async def chunks(job: Job) -> AsyncIterator[bytes]:
    """Frames from the first, as they are computed; before them the run's place in the queue, at last how it ended."""
    position = 0
    async for batch in job.frames().batches(FRAMES_PER_CHUNK, PATIENCE):
        if batch:
            yield messages().of(job.work.id, position, batch)
        elif waiting := in_queue(job):
            yield pack_chunk(position, {}, said=waiting)
        position += len(batch)
        if 0 < len(batch) < FRAMES_PER_CHUNK:
            await asyncio.sleep(PAUSE)
    status = job.status
    yield pack_chunk(position, {}, ended=status.state, **({"said": status.sentence} if status.sentence else {}))


def packed(position: int, batch: Sequence[Snapshot]) -> bytes:
    """These frames, the first of which is at this position, as one message."""
    return pack_chunk(position, stacked(batch), said=batch[-1].said)


def in_queue(job: Job) -> str:
    """Where a run that waits stands, in words; "" where it does not wait."""
    place = job.status.place
    return f"The server is busy: your run is number {place} in the queue, and begins by itself." if place else ""


async def read_run(request: Request) -> Response:
    """The run's frames; a reader who leaves does not stop it, since another look at the page reads it again."""
    job = jobs().find(request.path_params["id"])
    if job is None:
        return PlainTextResponse(GONE, status_code=404)
    return StreamingResponse(chunks(job), headers=HEADERS)


async def stop_run(request: Request) -> Response:
    """Ends the run; what was computed stays."""
    job = jobs().find(request.path_params["id"])
    if job is not None:
        job.cancel()
    return Response(status_code=204)


async def count_runs(_: Request) -> Response:
    """How many runs are computed and how many wait, for who looks after the server."""
    return JSONResponse({"running": jobs().num_running, "waiting": jobs().num_waiting}, headers=HEADERS)


ROUTES = [
    Route("/descent/runs", count_runs),
    Route("/descent/run/{id}", read_run),
    Route("/descent/run/{id}/stop", stop_run, methods=["POST"]),
]
