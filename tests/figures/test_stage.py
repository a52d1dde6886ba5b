"""The message that a player gets, read back by a reader that knows only the format."""

import json
import zlib
from typing import Any

import numpy as np
import pytest

from dlcore.figures.landscape import Landscape, Paths, optimizer_style, path_on_contour, path_on_surface, readouts
from dlcore.figures.notes import Note, NoteEdit, Notes, Program
from dlcore.figures.optimizers import loss_and_distance
from dlcore.figures.stage import Equations, Pending, Plot, Readout, Stage, Track, deflated, pack, pack_chunk


def read(message: bytes) -> dict[str, Any]:
    """Four bytes with the header's length, the header, then the arrays; references become arrays again."""
    length = int.from_bytes(message[:4], "little")
    header = json.loads(message[4 : 4 + length], parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    body = message[4 + length :]
    arrays = []
    for entry in header["arrays"]:
        shape, kind = entry["shape"], np.dtype(entry["dtype"]).newbyteorder("<")
        if "pending" in entry:
            arrays.append(entry)
            continue
        assert entry["offset"] % 8 == 0
        count = int(np.prod(shape))
        arrays.append(np.frombuffer(body, kind, count, entry["offset"]).reshape(shape))
    header["arrays"] = arrays

    def resolved(value: Any) -> Any:
        if isinstance(value, dict):
            return arrays[value["$"]] if set(value) == {"$"} else {key: resolved(item) for key, item in value.items()}
        return [resolved(item) for item in value] if isinstance(value, list) else value

    return {key: value if key == "arrays" else resolved(value) for key, value in header.items()}


def one_plot(*tracks: Track, figure: dict[str, Any] | None = None, **more: Any) -> Plot:
    return Plot(
        key="plot",
        title="A plot",
        figure=figure or {"data": [{"type": "scatter"}], "layout": {}},
        tracks=tracks,
        **more,
    )


def grown(**data: Any) -> Track:
    return Track(trace=0, kind="grow", data=data)


def sent(array: np.ndarray) -> Any:
    """What becomes of an array on its way."""
    return read(pack(Stage(views=[one_plot(grown(x=array))])))["views"][0]["tracks"][0]["data"]["x"]


RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("dtype", "wire"),
    [
        ("float64", "float32"),
        ("float32", "float32"),
        ("float16", "float32"),
        ("int64", "int32"),
        ("int32", "int32"),
        ("int16", "int16"),
        ("int8", "int8"),
        ("uint8", "uint8"),
        ("uint16", "uint16"),
    ],
)
def test_arrays_come_back_with_their_values(dtype: str, wire: str) -> None:
    array = (RANDOM.uniform(0, 100, (20, 3))).astype(dtype)
    back = sent(array)
    assert back.dtype == wire
    assert back.shape == (20, 3)
    np.testing.assert_allclose(back, array, rtol=1e-7)


def test_not_a_number_and_infinity_stay_in_arrays_and_are_null_elsewhere() -> None:
    array = np.array([1.0, np.nan, np.inf, -np.inf, 0.0, 1e-30, 1e30, -2.5])
    np.testing.assert_array_equal(sent(array), array.astype(np.float32))
    assert sent(np.array([1.0, np.nan, np.inf])) == [1.0, None, None]  # short ones are JSON
    figure = {"data": [{"type": "scatter", "x": [1.0, float("nan")], "y": [0.0, 2.0]}], "layout": {}}
    header = read(pack(Stage(views=[one_plot(figure=figure)])))
    assert header["views"][0]["figure"]["data"][0]["x"][1] is None


def test_numbers_beyond_single_precision_become_infinite_without_a_warning() -> None:
    # On steep surfaces a loss reaches 1e64 before its point is 1e8 away.
    array = np.array([1e64, -1e64, 1e38, 1.0, 1e-60, 0.0, 2.0, 3.0])
    expected = [np.inf, -np.inf, 1e38, 1.0, 0.0, 0.0, 2.0, 3.0]
    np.testing.assert_allclose(sent(array), expected, rtol=1e-7)


def test_a_view_of_every_second_number_and_of_columns_comes_back() -> None:
    array = RANDOM.normal(size=(40, 10))
    np.testing.assert_allclose(sent(array[::2]), array[::2], rtol=1e-6)
    np.testing.assert_allclose(sent(array.T), array.T, rtol=1e-6)
    np.testing.assert_array_equal(sent(np.asfortranarray(array)), sent(array))


def test_the_same_numbers_travel_once_and_others_apart() -> None:
    array = RANDOM.normal(size=100)
    twice = read(pack(Stage(views=[one_plot(grown(x=array, y=array.copy())), one_plot(grown(x=array))])))
    assert len(twice["arrays"]) == 1
    zeros = np.zeros(16)
    apart = [zeros, zeros.reshape(4, 4), zeros.astype(np.int32), np.zeros(17), zeros + 1]
    header = read(pack(Stage(views=[one_plot(*[grown(x=array) for array in apart])])))
    assert len(header["arrays"]) == len(apart)
    for track, array in zip(header["views"][0]["tracks"], apart, strict=True):
        np.testing.assert_array_equal(track["data"]["x"], array)
        assert track["data"]["x"].shape == array.shape


def test_header_and_arrays_start_at_multiples_of_eight_bytes() -> None:
    for length in range(8, 30):
        stage = Stage(
            views=[one_plot(grown(x=np.arange(length, dtype=np.uint8), y=RANDOM.normal(size=length)))],
            note="n" * length,
        )
        message = pack(stage)
        assert (4 + int.from_bytes(message[:4], "little")) % 8 == 0
        assert len(message) % 8 == 0
        np.testing.assert_array_equal(read(message)["views"][0]["tracks"][0]["data"]["x"], np.arange(length))


def test_an_array_in_a_figure_travels_as_one() -> None:
    z = RANDOM.normal(size=(9, 7))
    figure = {"data": [{"type": "heatmap", "z": z, "x": np.arange(7)}], "layout": {}}
    (trace,) = read(pack(Stage(views=[one_plot(figure=figure)])))["views"][0]["figure"]["data"]
    np.testing.assert_allclose(trace["z"], z, rtol=1e-6)
    assert trace["x"] == list(range(7))


def test_pending_arrays_are_announced_without_bytes() -> None:
    track = Track(trace=0, kind="at", data={"z": Pending(name="map-0", shape=(21, 100, 100))})
    message = pack(Stage(views=[one_plot(track)], num_frames=21))
    header = read(message)
    assert header["views"][0]["tracks"][0]["data"]["z"] == {
        "dtype": "uint8",
        "shape": [21, 100, 100],
        "pending": "map-0",
    }
    assert len(message) < 20_000


def test_chunks_carry_their_length_and_the_frames_of_pending_arrays() -> None:
    first, second = (RANDOM.integers(0, 49, (3, 6, 6)).astype(np.uint8) for _ in range(2))
    stream = pack_chunk(4, {"map-0": first, "map-1": second}) + pack_chunk(7, {"map-0": first[:1], "map-1": second[:1]})
    seen = []
    while stream:
        length = int.from_bytes(stream[:4], "little")
        chunk, stream = read(stream[4 : 4 + length]), stream[4 + length :]
        seen.append((chunk["start"], chunk["count"]))
        np.testing.assert_array_equal(chunk["pending"]["map-0"], first[: chunk["count"]])
        np.testing.assert_array_equal(chunk["pending"]["map-1"], second[: chunk["count"]])
    assert seen == [(4, 3), (7, 1)]


def test_equal_pending_arrays_in_one_chunk_share_their_bytes() -> None:
    same = np.ones((1, 50, 50), dtype=np.uint8)
    both = pack_chunk(0, {"map-0": same, "map-1": same.copy()})
    assert len(both) < len(pack_chunk(0, {"map-0": same})) + 200


def test_every_part_of_a_stage_arrives() -> None:
    figure = {"data": [{"type": "scatter", "x": [1, 2], "y": [3, 4]}], "layout": {"title": {"text": "Grün"}}}
    stage = Stage(
        views=[
            one_plot(
                Track(trace=0, kind="arrow", data={"ox": np.arange(9.0)}, scale=2.5),
                figure=figure,
                alt="what is seen",
                keep="bowl",
                pick="play",
                area="side",
                log_height=(-1.5, 1e-4),
            ),
            Equations(
                key="equations",
                title="Equations",
                rows=[("SGD", "#4d5660", ["Δ ← −{lr}·{g}"])],
                values=[{"lr": np.full(9, 0.1), "g": RANDOM.normal(size=(9, 2))}],
                note="a note",
            ),
        ],
        num_frames=9,
        readouts=[Readout(label="SGD", colour="#4d5660", dash="dot", values=np.arange(9.0), note="n")],
        unit="samples",
        steps=np.arange(0, 90, 10),
        file_name="race",
        note="one sentence",
    )
    header = read(pack(stage))
    plot, table = header["views"]
    assert (plot["type"], plot["key"], plot["title"], plot["area"]) == ("plot", "plot", "A plot", "side")
    assert (plot["alt"], plot["keep"], plot["pick"]) == ("what is seen", "bowl", "play")
    assert plot["logHeight"] == [-1.5, 1e-4]
    assert plot["figure"]["layout"]["title"]["text"] == "Grün"
    assert plot["figure"]["data"][0]["x"] == [1, 2]
    assert (plot["tracks"][0]["trace"], plot["tracks"][0]["kind"], plot["tracks"][0]["scale"]) == (0, "arrow", 2.5)
    assert (table["type"], table["rows"]) == ("equations", [["SGD", "#4d5660", ["Δ ← −{lr}·{g}"]]])
    assert table["values"][0]["g"].shape == (9, 2)
    assert (header["frames"], header["unit"], header["file"], header["note"]) == (9, "samples", "race", "one sentence")
    assert header["steps"].tolist() == list(range(0, 90, 10))
    (line,) = header["readouts"]
    assert (line["label"], line["colour"], line["dash"], line["note"]) == ("SGD", "#4d5660", "dot", "n")
    np.testing.assert_array_equal(line["values"], np.arange(9))


def test_items_that_last_a_while_arrive_with_their_words_and_gaps() -> None:
    points = np.array([[0, 1, np.nan], [1, 2, 3]], float)
    data = {"x": points, "y": points, "start": np.array([0, 2]), "end": np.array([2, 5]), "text": ["−0.5", ""]}
    (track,) = read(pack(Stage(views=[one_plot(Track(trace=0, kind="while", data=data))])))["views"][0]["tracks"]
    assert (track["kind"], track["data"]["text"]) == ("while", ["−0.5", ""])
    assert track["data"]["x"] == [[0, 1, None], [1, 2, 3]]  # short arrays are JSON
    assert (track["data"]["start"], track["data"]["end"]) == ([0, 2], [2, 5])
    many = {**data, "x": np.tile(points, (9, 1))}
    (track,) = read(pack(Stage(views=[one_plot(Track(trace=0, kind="while", data=many))])))["views"][0]["tracks"]
    np.testing.assert_array_equal(track["data"]["x"], np.tile(points, (9, 1)))


def test_what_can_be_selected_arrives_in_plain_numbers() -> None:
    targets = {"x1": np.array([0, 1]), "x1→z": (0.0, 1.0, np.float32(0.5), 1, 1, 2, 2, 2, 3, 2)}
    (view,) = read(pack(Stage(views=[one_plot(targets=targets, rings=(3, 1), turn=True)])))["views"]
    assert view["targets"] == {"x1": [0, 1], "x1→z": [0, 1, 0.5, 1, 1, 2, 2, 2, 3, 2]}
    assert (view["rings"], view["turn"]) == ([3, 1], True)
    (plain,) = read(pack(Stage(views=[one_plot()])))["views"]
    assert (plain["targets"], plain["rings"], plain["turn"]) == ({}, None, False)


def test_notes_and_program_arrive() -> None:
    edit = NoteEdit(name="w1", label="w<sub>1</sub>", values=[(0, 4, np.float64(0.5)), (4, 9, float("nan"))])
    note = Note(title="w", lines=[(0, 9, "∂E/∂w = ?")], edit=edit, ask=[(1, 4, 4, "w1", "∂E/∂w")])
    notes = Notes(key="rule", title="Chain rule", items={"w1": note, "E": Note(title="E")}, active=["", "w1", "E"])
    program = Program(key="loop", title="Loop", lines=["a()", "b()"], active=[0, 1, 1], wrong=[1])
    header = read(pack(Stage(views=[notes, program], num_frames=3, rate=2.5, split=1.6)))
    assert (header["rate"], header["split"]) == (2.5, 1.6)
    first, second = header["views"]
    assert (first["type"], first["area"], first["active"]) == ("notes", "side", ["", "w1", "E"])
    w1, loss = first["items"]["w1"], first["items"]["E"]
    assert (w1["title"], w1["lines"], w1["ask"]) == ("w", [[0, 9, "∂E/∂w = ?"]], [[1, 4, 4, "w1", "∂E/∂w"]])
    assert w1["edit"] == {"name": "w1", "label": "w<sub>1</sub>", "values": [[0, 4, 0.5], [4, 9, None]]}
    assert (loss["lines"], loss["edit"], loss["ask"]) == ([], None, [])
    assert (second["type"], second["area"], second["lines"]) == ("program", "head", ["a()", "b()"])
    assert (second["active"], second["wrong"]) == ([0, 1, 1], [1])


def test_equal_stages_give_equal_bytes() -> None:
    def stage() -> Stage:
        return Stage(views=[one_plot(grown(x=np.arange(50.0)))], readouts=[Readout(label="a", colour="#000000")])

    assert pack(stage()) == pack(stage())


def test_two_hundred_frames_of_seven_paths_over_a_surface_are_at_most_150_kb() -> None:
    names = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "radam")
    axis = np.linspace(-5, 5, 80)
    land = Landscape(name="noise", x=axis, y=axis, z=RANDOM.uniform(1, 900, (80, 80)), floor=0.0, log=True)
    w = RANDOM.normal(size=(200, 7, 2))  # noise, so that nothing is equal to anything
    paths = Paths(
        titles=names,
        styles=[optimizer_style(name) for name in names],
        w=w,
        loss=RANDOM.uniform(1, 9, (200, 7)),
        distance=RANDOM.uniform(1, 9, (200, 7)),
        across=np.arange(200),
        vectors={"step": RANDOM.normal(size=(200, 7, 2))},
    )
    stage = Stage(
        views=[path_on_contour(land, paths), loss_and_distance(land, paths), path_on_surface(land, paths)],
        num_frames=200,
        readouts=readouts(paths, land, {}),
    )
    message = pack(stage)
    assert 80 * 80 * 4 < len(message) <= 150_000
    header = read(message)
    surfaces = [a for a in header["arrays"] if a.shape == (80, 80)]
    assert len(surfaces) == 1  # flat and in three dimensions it is the same one


def test_a_deflated_message_is_the_packed_one_and_cannot_be_mistaken_for_it() -> None:
    for length in range(8, 40):
        stage = Stage(views=[one_plot(grown(x=RANDOM.normal(size=length)))], note="n" * length)
        assert zlib.decompress(deflated(stage)) == pack(stage)
        assert deflated(stage)[0] == 0x78
        assert pack(stage)[0] % 8 == 4
