"""The stream of basin maps: chunks a player can read, and places that are free again behind it."""

import asyncio
import gc
import json
from collections.abc import MutableMapping
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse

from dlcore.figures.basins import codes
from dlcore.topics.basins import BasinConfig, basin_map, snapshots
from dlcore.ui import server, streams
from tests.ui.asgi_client import Client, scope_of, taken

SMALL = {"size": 8, "num_steps": 40}


def read(message: bytes) -> dict[str, Any]:
    """A container: the header's length, the header, and its arrays behind."""
    length = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + length])
    body = message[4 + length :]
    header["arrays"] = [
        np.frombuffer(body, entry["dtype"], int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"])
        for entry in header["arrays"]
    ]
    return header


def chunks_of(stream: bytes) -> list[dict[str, Any]]:
    found = []
    while stream:
        length = int.from_bytes(stream[:4], "little")
        assert len(stream) >= 4 + length, "a chunk is cut off"
        found.append(read(stream[4 : 4 + length]))
        stream = stream[4 + length :]
    return found


def stream(client: Client, configs: Any, name: str = "basins"):
    return client.get(f"/descent/stream/{name}", params={"configs": json.dumps(configs)})


def test_the_chunks_are_the_maps_frame_by_frame(client: Client) -> None:
    settings = [
        {**SMALL, "optimizer": "sgd", "lr": 0.01},
        {**SMALL, "optimizer": "adam", "lr": 0.1, "hyper": [["adam.beta1", 0.5]]},
    ]
    answer = stream(client, settings)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    chunks = chunks_of(answer.content)
    assert [(chunk["start"], chunk["count"]) for chunk in chunks] == [(k, 1) for k in range(len(snapshots(40)))]
    for i, entry in enumerate(settings):
        config = BasinConfig(**{**entry, "hyper": tuple(map(tuple, entry.get("hyper", [])))})
        finished = basin_map(config)
        last = chunks[-1]["arrays"][chunks[-1]["pending"][f"map-{i}"]["$"]]
        assert last.dtype == np.uint8
        np.testing.assert_array_equal(last, codes(finished.index, finished.steps, 40)[None])
        first = chunks[0]["arrays"][chunks[0]["pending"][f"map-{i}"]["$"]]
        assert (first != last).any()


def test_the_address_that_a_page_gives_is_the_one_that_answers(client: Client) -> None:
    address = streams.address("basins", [{**SMALL, "hyper": [["momentum.mu", 0.5]]}])
    assert not address.startswith("/")  # relative: the app may live under a path
    assert len(chunks_of(client.get(f"/{address}").content)) == len(snapshots(40))


@pytest.mark.parametrize(
    ("configs", "words"),
    [
        ("not json", "cannot be"),
        ("[]", "configs has 0 entries: give 1 to 9"),
        (json.dumps([{}] * 10), "configs has 10 entries: give 1 to 9"),
        ('[{"lr": -1}]', "lr is -1"),
        ('[{"lr": "fast"}]', "lr is 'fast'"),
        ('[{"lr": NaN}]', "lr is nan"),
        ('[{"size": 100000}]', "size is 100000"),
        ('[{"num_steps": 1000000}]', "num_steps is 1000000"),
        ('[{"surface": "moon"}]', "surface is 'moon'"),
        ('[{"surface": "formula", "formula": "__import__(1)"}]', "'__import__' is not known"),
        ('[{"optimizer": "magic"}]', "magic"),
        ('[{"colour": "red"}]', "colour"),
        ('[{"hyper": [["adam.speed", 1]]}]', "adam.speed"),
        ('[{"hyper": 3}]', "cannot be"),
        ('[{"surface": ["himmelblau"]}]', "cannot be"),
        ('[{"surface": "formula", "formula": 3}]', "cannot be"),
        ("{}", "cannot be"),
        ("3", "cannot be"),
        ("[3]", "cannot be"),
        ("null", "cannot be"),
        ("", "cannot be"),
        ("[" * 2000, "cannot be"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_sentence(client: Client, configs: str, words: str) -> None:
    answer = client.get("/descent/stream/basins", params={"configs": configs})
    assert answer.status_code == 400
    assert words in answer.text
    assert "\n" not in answer.text
    assert "Traceback" not in answer.text
    assert len(answer.text) < 500


def test_settings_that_are_too_long_and_streams_that_are_not_there_are_refused(client: Client) -> None:
    assert client.get("/descent/stream/basins", params={"configs": " " * 4001}).status_code == 400
    answer = stream(client, [SMALL], name="rivers")
    assert (answer.status_code, answer.text) == (404, "There is no such stream.")


def test_a_formula_without_a_value_is_refused_before_anything_is_sent(client: Client) -> None:
    answer = stream(client, [{**SMALL, "surface": "formula", "formula": "log(-1 - x**2)"}])
    assert answer.status_code == 400
    assert "has no value" in answer.text


def test_a_full_server_says_so_and_takes_the_next_when_a_place_is_free(client: Client) -> None:
    held = 0
    while streams.AT_ONCE.acquire(blocking=False):
        held += 1
    try:
        assert held == 4
        answer = stream(client, [SMALL])
        assert answer.status_code == 503
        assert answer.text == "The server is busy with other maps. Try again in a moment."
    finally:
        for _ in range(held):
            streams.AT_ONCE.release()
    assert stream(client, [SMALL]).status_code == 200
    assert taken() == 0


def test_a_refused_request_takes_no_place(client: Client) -> None:
    for _ in range(6):
        assert stream(client, []).status_code == 400
    assert taken() == 0


def answered(configs: list[dict]) -> StreamingResponse:
    query = streams.address("basins", configs).partition("?")[2].encode()
    scope = {"type": "http", "path_params": {"name": "basins"}, "query_string": query, "headers": []}
    response = asyncio.run(streams.stream(Request(scope)))
    assert isinstance(response, StreamingResponse)
    return response


def test_a_reader_who_leaves_stops_the_computation_and_frees_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []

    def counted(config: BasinConfig):
        for frame in basin_frames(config):
            computed.append(frame.step)
            yield frame

    basin_frames = streams.basin_frames
    monkeypatch.setattr(streams, "basin_frames", counted)

    async def leave_after_two() -> None:
        response = answered_in_loop
        iterator = response.body_iterator.__aiter__()
        await iterator.__anext__()
        await iterator.__anext__()
        assert taken() == 1
        await iterator.aclose()  # type: ignore[attr-defined]

    answered_in_loop = answered([{**SMALL, "num_steps": 400}])
    asyncio.run(leave_after_two())
    assert taken() == 0
    assert len(computed) <= 4 < len(snapshots(400))


@pytest.mark.parametrize("sent", [0, 2])
def test_a_connection_that_closes_frees_the_place(sent: int) -> None:
    """The server itself tells of it: `send` fails, or a disconnect arrives, before or between chunks."""

    async def run() -> None:
        path, _, query = streams.address("basins", [{**SMALL, "num_steps": 400}]).partition("?")
        gone = asyncio.Event()
        bodies = 0
        requested = False
        if not sent:
            gone.set()

        async def receive() -> dict[str, Any]:
            nonlocal requested
            if not requested:
                requested = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal bodies
            if message["type"] == "http.response.body" and message.get("body"):
                bodies += 1
                if bodies >= sent:
                    gone.set()

        await asyncio.wait_for(Starlette(routes=server.ROUTES)(scope_of(f"/{path}", query), receive, send), 30)
        assert bodies < len(snapshots(400))

    asyncio.run(run())
    gc.collect()
    assert taken() == 0


def test_an_error_while_computing_frees_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(config: BasinConfig):
        yield next(basin_frames(config))
        raise RuntimeError("out of luck")

    basin_frames = streams.basin_frames
    monkeypatch.setattr(streams, "basin_frames", failing)
    with pytest.raises(RuntimeError, match="out of luck"):
        stream(Client(), [SMALL])
    assert taken() == 0
