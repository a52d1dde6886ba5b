"""The player's own JavaScript, module by module in a real browser: messages in, numbers out."""

import base64
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from dlcore.figures.stage import Equations, Pending, Plot, Stage, Track, pack, pack_chunk
from dlcore.ui import server
from tests.written_numbers import WRITTEN

# The bytes as unpack() reads them, with every array's rows as JSON can say them.
UNPACK = """async ([module, text]) => {
  const { unpack } = await import(module);
  const number = (value) => (Number.isFinite(value) ? value : String(value));
  const said = (value) => (typeof value === "number" ? number(value) : Array.from(value, said));
  const header = unpack(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  const rows = (field) => Array.from({ length: field.shape[0] }, (_, k) => said(field.row(k)));
  return { ...header, arrays: header.arrays.map((field) =>
    ({ type: field.data.constructor.name, shape: field.shape, rows: rows(field), nested: said(field.nested()) })) };
}"""

# A stream whose bytes come in pieces of the given sizes, read by readStream() from a real response.
STREAM = """async ([module, text, sizes]) => {
  const { readStream } = await import(module);
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const body = new ReadableStream({ start(control) {
    let at = 0;
    for (let i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length];
      control.enqueue(bytes.slice(at, at + size));
      at += size;
    }
    control.close();
  } });
  const real = window.fetch;
  window.fetch = async () => new Response(body);
  const seen = [];
  try {
    await readStream("anywhere", new AbortController().signal, ({ start, count, pending, arrays }) => {
      const parts = Object.entries(pending).map(([name, ref]) => [name, Array.from(arrays[ref.$].data)]);
      seen.push([start, count, Object.fromEntries(parts)]);
    });
  } finally {
    window.fetch = real;
  }
  return seen;
}"""


@pytest.fixture(scope="module")
def page(app: str, chromium: Browser) -> Iterator[Page]:
    """A page of the app's server, where its modules come from."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{app}/_stcore/health")
        yield page


def module(name: str) -> str:
    return f"/descent/{server.version()}/player/{name}"


def text_of(message: bytes) -> str:
    return base64.b64encode(message).decode()


def message(**values: Any) -> bytes:
    rows = [("", "", ["".join(f"{{{name}}}" for name in values)])]
    return pack(Stage(views=[Equations(key="e", title="E", rows=rows, values=[values])], num_frames=3))


def unpacked(page: Page, **values: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header's references by name, and the whole header."""
    header = page.evaluate(UNPACK, [module("pack.js"), text_of(message(**values))])
    return header["views"][0]["values"][0], header


def said(array: np.ndarray) -> Any:
    """An array as UNPACK writes it."""
    words = {math.inf: "Infinity", -math.inf: "-Infinity"}
    if array.ndim:
        return [said(row) for row in array]
    value = array.item()
    return "NaN" if value != value else words.get(value, value)


def values_of(dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    """Values up to the type's ends; among the floats some that are no numbers."""
    size = math.prod(shape)
    if np.dtype(dtype).kind == "f":
        values = np.linspace(-1e3, 1e3, size).astype(dtype)
        values[1], values[2], values[3] = math.nan, math.inf, -math.inf
    else:
        ends = np.iinfo("int32" if dtype == "int64" else dtype)
        values = np.linspace(ends.min, ends.max, size).astype(dtype)
    return values.reshape(shape)


SHAPES = [(9,), (3, 5), (3, 2, 5)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    "dtype", ["float32", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64"]
)
def test_an_array_arrives_as_it_was(page: Page, dtype: str, shape: tuple[int, ...]):
    sent = values_of(dtype, shape)
    refs, header = unpacked(page, a=sent)
    got = header["arrays"][refs["a"]["$"]]
    there = {"float64": "float32", "int64": "int32"}.get(dtype, dtype)
    wanted = said(sent.astype(there))
    assert got == {"type": f"{there.capitalize()}Array", "shape": list(shape), "rows": wanted, "nested": wanted}


def test_arrays_of_all_sizes_lie_side_by_side(page: Page):
    sent = {f"a{size}": np.arange(size, dtype="uint8") for size in range(8, 20)}
    sent |= {f"b{size}": np.arange(size, dtype="float32") for size in range(8, 12)}
    refs, header = unpacked(page, **sent)
    assert {name: header["arrays"][refs[name]["$"]]["rows"] for name in sent} == {
        name: a.tolist() for name, a in sent.items()
    }


def test_equal_arrays_travel_once_and_short_ones_in_the_header(page: Page):
    refs, header = unpacked(page, a=np.arange(20.0), b=np.arange(20.0), c=np.array([1.5, math.nan]))
    assert refs == {"a": {"$": 0}, "b": {"$": 0}, "c": [1.5, None]}
    assert len(header["arrays"]) == 1
    assert header["frames"] == 3


def test_a_pending_array_is_there_with_its_shape_and_empty(page: Page):
    figure = {"data": [{"type": "heatmap"}], "layout": {}}
    track = Track(trace=0, kind="at", data={"z": Pending(name="late", shape=(3, 4))})
    sent = pack(Stage(views=[Plot(key="map", title="Map", figure=figure, tracks=[track])], num_frames=3))
    (late,) = page.evaluate(UNPACK, [module("pack.js"), text_of(sent)])["arrays"]
    assert (late["type"], late["shape"], late["rows"]) == ("Uint8Array", [3, 4], [[0] * 4] * 3)


@pytest.mark.parametrize("sizes", [[1], [3], [4], [5, 1, 2], [7, 13], [64], [10_000]], ids=str)
def test_a_stream_is_read_wherever_it_is_cut(page: Page, sizes: list[int]):
    loss = np.linspace(1, 0, 10, dtype="float32")
    image = np.arange(30, dtype="uint8").reshape(10, 3)
    cuts = [(0, 1), (1, 4), (4, 10)]
    stream = b"".join(pack_chunk(a, {"loss": loss[a:b], "image": image[a:b]}) for a, b in cuts)
    seen = page.evaluate(STREAM, [module("pack.js"), text_of(stream), sizes])
    assert seen == [[a, b - a, {"loss": loss[a:b].tolist(), "image": image[a:b].ravel().tolist()}] for a, b in cuts]


def test_a_stream_that_the_server_refuses_says_why(page: Page):
    refused = """async (module) => {
      const { readStream } = await import(module);
      const real = window.fetch;
      window.fetch = async () => new Response("This run is over.", { status: 404 });
      try {
        await readStream("anywhere", undefined, () => {});
      } catch (error) {
        return error.message;
      } finally {
        window.fetch = real;
      }
    }"""
    assert page.evaluate(refused, module("pack.js")) == "This run is over."


def test_resolve_puts_arrays_in_and_swaps_colours_only_in_the_dark(page: Page):
    resolve = """async (module) => {
      const { resolve } = await import(module);
      const arrays = [{ nested: () => [1, 2] }];
      const figure = { x: { $: 0 }, line: { color: "#ffffff" }, names: ["#ffffff", "kept", 7, null, true] };
      return [null, { "#ffffff": "#12161c" }].map((dark) => resolve(figure, arrays, dark)).concat([figure]);
    }"""
    light, dark, untouched = page.evaluate(resolve, module("pack.js"))
    assert light == {"x": [1, 2], "line": {"color": "#ffffff"}, "names": ["#ffffff", "kept", 7, None, True]}
    assert dark == {"x": [1, 2], "line": {"color": "#12161c"}, "names": ["#12161c", "kept", 7, None, True]}
    assert untouched["x"] == {"$": 0}


def test_a_number_is_written_as_python_writes_it(page: Page):
    numbers = [number for number, _ in WRITTEN]
    code = "async ([module, all]) => { const { format } = await import(module); return all.map((x) => format(x)); }"
    assert page.evaluate(code, [module("numbers.js"), numbers]) == [text for _, text in WRITTEN]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_a_dash(page: Page, number: str):
    code = f"async (module) => (await import(module)).format({number})"
    assert page.evaluate(code, module("numbers.js")) == "–"
