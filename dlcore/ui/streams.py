"""Frames that take longer than a page may: computed while they are sent, as chunks behind a stateless address.

The address holds the whole Config, so any server of several can answer it, and nothing is kept between requests.
"""

import json
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dlcore.figures import basins as figure
from dlcore.figures.stage import pack_chunk
from dlcore.topics.basins import BasinConfig, basin_frames

LONGEST_QUERY = 4000
AT_ONCE = threading.BoundedSemaphore(4)


def basin_chunks(configs: list[dict]) -> Iterator[bytes]:
    """One chunk a snapshot, with the maps of all optimizers.

    Raises: ValueError for settings that cannot be.
    """
    if not 1 <= len(configs) <= 9:
        raise ValueError(f"configs has {len(configs)} entries: give 1 to 9.")
    maps = [BasinConfig(**{**config, "hyper": tuple(map(tuple, config.get("hyper", ())))}) for config in configs]
    for config in maps:
        config.race().make_surface()  # a formula may parse and still have no value anywhere: say so before sending

    def chunks() -> Iterator[bytes]:
        for k, frames in enumerate(zip(*(basin_frames(config) for config in maps), strict=True)):
            codes = {
                f"map-{i}": figure.codes(frame.index, frame.steps, config.num_steps)[None]
                for i, (frame, config) in enumerate(zip(frames, maps, strict=True))
            }
            yield pack_chunk(k, codes)

    return chunks()


STREAMS: dict[str, Callable[[list[dict]], Iterator[bytes]]] = {"basins": basin_chunks}


def address(name: str, configs: list[dict]) -> str:
    """The relative address of a stream."""
    return f"descent/stream/{name}?{urlencode({'configs': json.dumps(configs)})}"


async def stream(request: Request) -> Response:
    """Chunks as they are computed; closing the connection stops the computation at its next frame."""
    name, text = request.path_params["name"], request.query_params.get("configs", "")
    if name not in STREAMS:
        return PlainTextResponse("There is no such stream.", status_code=404)
    if len(text) > LONGEST_QUERY:
        return PlainTextResponse(f"The settings are longer than {LONGEST_QUERY} characters.", status_code=400)
    try:
        chunks = STREAMS[name](json.loads(text))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        return PlainTextResponse(f"These settings cannot be: {error}", status_code=400)
    if not AT_ONCE.acquire(blocking=False):
        return PlainTextResponse("The server is busy with other maps. Try again in a moment.", status_code=503)
    return StreamingResponse(_released(chunks), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


async def _released(chunks: Iterator[bytes]):
    """The chunks, computed off the event loop; the place is free again however this ends."""
    try:
        async for chunk in iterate_in_threadpool(chunks):
            yield chunk
    finally:
        AT_ONCE.release()


ROUTE = Route("/descent/stream/{name}", stream)
