"""The log is lines that a machine can read, and says of no reader who or where they are."""

import json
import logging
import sys
import time
import uuid
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.ui.logs import FORMATS, JsonLines, Lines, configure, impersonal


def record(message: str, *arguments: object, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("dlcore.ui.shell", logging.ERROR, __file__, 1, message, arguments, None)
    vars(made).update(fields)
    return made


@given(message=st.text(max_size=80), page=st.text(max_size=10))
def test_every_record_is_one_line_of_json(message: str, page: str) -> None:
    line = JsonLines().format(record("%s", message, page=page))
    assert "\n" not in line
    fields = json.loads(line)
    assert fields["page"] == page
    assert (fields["level"], fields["logger"]) == ("error", "dlcore.ui.shell")
    assert fields["time"].endswith("+00:00")


def test_a_trace_stays_in_its_record() -> None:
    try:
        raise KeyError("planted")
    except KeyError:
        made = record("it failed", exc_info=sys.exc_info())
    line = JsonLines().format(made)
    assert "\n" not in line
    assert "KeyError: 'planted'" in json.loads(line)["trace"]


ADDRESSES = [
    "192.0.2.77",
    "192.0.2.77:50312",
    "2001:db8::7:1:2",
    "[::1]:53122",
    "[fe80::1%eth0]:53122",
    "::1",
    "::1:53122",
    "fe80::1",
    "fe80::1%eth0",
    "2a02::1",
    "2A02::1",
    "2001:db8:0:0:0:0:0:1:53122",
    "::ffff:192.0.2.77",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", FORMATS)
def test_no_address_is_written(kind: str, address: str) -> None:
    line = FORMATS[kind]().format(record('%s - "WebSocket /_stcore/stream" [accepted]', address))
    assert "(address)" in line
    assert "192.0" not in line
    assert "db8" not in line
    assert "53122" not in line
    assert "::1" not in line


@pytest.mark.parametrize("around", ["peer:{}", "peer {}: lost", "({})", "from {}.", "http://{}/x", "['{}', 1]", "{},…"])
@pytest.mark.parametrize("address", ["192.0.2.77", "2a02::1", "[2a02::1]:53122"])
def test_an_address_is_found_in_what_stands_around_it(address: str, around: str) -> None:
    if around.startswith("peer:") and address.startswith("["):
        around = "peer {}"
    assert impersonal(around.format(address)) == around.format("(address)")


@given(address=st.ip_addresses(), port=st.none() | st.integers(1, 65535), before=st.sampled_from(["", " ", "=", "'"]))
def test_every_address_is_found(address: IPv4Address | IPv6Address, port: int | None, before: str) -> None:
    text = f"{before}{address}" + ("" if port is None else f":{port}")
    assert impersonal(f"{text} - asked") == (
        f"{text} - asked" if address.is_unspecified else f"{before}(address) - asked"
    )


def test_a_long_run_of_colons_takes_no_time() -> None:
    begin = time.perf_counter()
    for text in (":" * 60_000 + "z", "[" + "a:" * 30_000 + "z", "[a%" * 20_000, "1." * 40_000):
        impersonal(text)
    assert time.perf_counter() - begin < 2


def test_no_session_no_run_and_no_link_is_written() -> None:
    session = str(uuid.UUID(int=2**127 + 12345))
    text = impersonal(f"session {session} read descent/run/AbC-_123456789012345/stop from /optimizers?optimizers.x0=1")
    assert text == "session (session) read descent/run/…/stop from /optimizers?…"


@pytest.mark.parametrize(
    "said",
    [
        "a worker process was lost, with 3 runs",
        "2026-11-21 22:53:46,123",
        "took 1.25 s (95 %)",
        "torch 2.13.0, at::Tensor",
        "12:30:05 and 12:30:05.123",
        "module::name, c10::Error, at::add, std::cc::bad",
        "frames[12] of [10, 20]",
        "listens on 0.0.0.0:8501 and [::]:8501",
    ],
)
def test_the_rest_is_written_as_it_is(said: str) -> None:
    assert impersonal(said) == said
    assert said in Lines().format(record(said))


def test_all_loggers_write_through_one_handler(capsys: pytest.CaptureFixture[str]) -> None:
    own = logging.getLogger("uvicorn.planted")
    own.addHandler(logging.StreamHandler())
    own.propagate = False
    root = logging.getLogger()
    before = list(root.handlers), root.level
    handler = configure("json")
    try:
        assert configure("json") is not handler
        assert [each.name for each in root.handlers].count("descent") == 1
        own.warning("planted by %s", "192.0.2.1")
        (line,) = capsys.readouterr().err.splitlines()
        assert json.loads(line)["message"] == "planted by (address)"
    finally:
        root.handlers, _ = before
        root.setLevel(before[1])
