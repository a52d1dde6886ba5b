"""The stage of filters shows the measured answers in the palette's colours, fast and in few bytes."""

import base64
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets.pictures import PICTURES, picture
from dlcore.figures import theme
from dlcore.figures.answers import GREY_SCALE, Answers
from dlcore.figures.filter_tiles import Tiles, coarser
from dlcore.figures.filtering import response_stage
from dlcore.figures.stage import Plot, Stage, deflated, pack
from dlcore.figures.strongest import codes
from dlcore.topics.filtering import BANKS, bank, keeps_brightness, respond, strongest
from dlcore.topics.kernels import kernel
from tests.figures.eyesight import contrast
from tests.figures.plotted import plotted

MOST_BYTES = 300_000


@cache
def single(name: str = "china", filtered: str = "sobel-x", size: int = 3) -> tuple[np.ndarray, Stage]:
    weights = kernel(filtered, (size, size))
    answers = respond(picture(name), weights[None])
    grey = keeps_brightness(weights)
    return answers, response_stage(picture(name), answers, [filtered], kernels=weights[None].numpy(), grey=grey)


@cache
def several(name: str = "china", of: str = "gabor") -> tuple[np.ndarray, Stage]:
    filters = bank(of, wavelength=6, sigma=3)
    answers = respond(picture(name), filters.kernels)
    most = strongest(answers)
    return answers, response_stage(
        picture(name), answers, filters.titles, kernels=filters.kernels.numpy(), strongest=most
    )


def view(stage: Stage, key: str) -> Any:
    (found,) = [view for view in stage.views if view.key == key]
    return found


def traces(plot: Any, kind: str) -> list[Any]:
    return [trace for trace in plot.figure["data"] if trace["type"] == kind]


def colours(value: Any) -> list[str]:
    """Every colour anywhere in a figure's JSON."""
    match value:
        case str():
            return [value] if value.startswith("#") else []
        case dict():
            return [hue for item in value.values() for hue in colours(item)]
        case list() | tuple():
            return [hue for item in value for hue in colours(item)]
    return []


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("of", ["one", *BANKS])
def test_every_stage_is_small_and_plotly_accepts_it(name: str, of: str) -> None:
    answers, stage = single(name) if of == "one" else several(name, of)
    assert len(deflated(stage)) < MOST_BYTES
    assert stage.num_frames == len(answers)
    for plot in stage.views:
        assert isinstance(plot, Plot)
        assert plot.alt.endswith(".")
        plotted(plot)
        for track in plot.tracks:
            assert {len(values) for values in track.data.values()} == {stage.num_frames}  # pyright: ignore


def test_one_filter_has_a_picture_and_an_answer_and_a_bank_two_tabs_more() -> None:
    assert [(plot.key, plot.area) for plot in single()[1].views] == [("picture", "main"), ("response", "side")]
    assert [plot.key for plot in several()[1].views] == ["picture", "response", "all", "strongest"]
    assert [plot.area for plot in several()[1].views[1:]] == ["side"] * 3


@pytest.mark.parametrize("name", ["china", "rings"])
def test_the_picture_travels_without_loss_and_a_click_reports_its_place(name: str) -> None:
    plot = view(single(name)[1], "picture")
    (image,) = traces(plot, "image")
    data = base64.b64decode(image["source"].removeprefix("data:image/png;base64,"))
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(data)).convert("RGB")), picture(name))
    assert plot.pick == "stay"
    rows, cols = picture(name).shape[:2]
    assert plot.figure["layout"]["xaxis"]["range"] == [-0.5, cols - 0.5]
    assert plot.figure["layout"]["yaxis"]["range"] == [rows - 0.5, -0.5]  # rows count downwards
    assert plot.figure["layout"]["yaxis"]["scaleanchor"] == "x"


def test_the_answer_to_one_filter_is_exact_and_its_colours_are_symmetric() -> None:
    answers, stage = single()
    (heat,) = traces(view(stage, "response"), "heatmap")
    np.testing.assert_array_equal(heat["z"], answers[0])
    assert heat["zmin"] == -heat["zmax"]
    assert np.mean(np.abs(answers) > heat["zmax"]) == pytest.approx(0.005, abs=0.001)
    ends = [theme.colour(name) for name in ("weight-negative", "ground", "weight-positive")]
    assert [hue for _, hue in heat["colorscale"]] == ends
    assert heat["colorbar"]["ticktext"][1:] == ["0", f"≥ {heat['zmax']:.2f}"]


def test_the_answer_of_a_blur_is_a_picture_again_black_and_white_in_both_themes() -> None:
    (heat,) = traces(view(single("china", "blur")[1], "response"), "heatmap")
    assert (heat["zmin"], heat["zmax"]) == (0, 1)
    assert heat["colorscale"] == GREY_SCALE
    assert not {hue for _, hue in GREY_SCALE} & set(theme.dark_partners())


def test_each_frame_shows_a_filters_answer_in_percent_of_the_strongest_with_its_kernel_and_name() -> None:
    answers, stage = several()
    shown, name = view(stage, "response").tracks
    z = shown.data["z"]
    assert z.dtype == np.int8
    np.testing.assert_allclose(z / 100 * np.abs(answers).max(), answers, atol=0.006 * np.abs(answers).max())
    (moved,) = view(stage, "picture").tracks
    np.testing.assert_array_equal(np.abs(moved.data["z"]).max(axis=(1, 2)), 100)
    assert list(name.data["text"]) == list(bank("gabor").titles)
    np.testing.assert_array_equal(name.data["start"], range(8))
    np.testing.assert_array_equal(name.data["end"], range(1, 9))
    assert (stage.unit, list(stage.steps if stage.steps is not None else [])) == ("filter", list(range(1, 9)))


def test_the_legend_says_how_strongly_the_filter_answers() -> None:
    answers, stage = several()
    most, mean = stage.readouts
    np.testing.assert_allclose(np.asarray(most.values), np.abs(answers).max(axis=(1, 2)))
    np.testing.assert_allclose(np.asarray(mean.values), np.abs(answers).mean(axis=(1, 2)), rtol=1e-4)


@pytest.mark.parametrize(("name", "size", "written"), [("sobel-x", 3, True), ("blur", 3, True), ("blur", 7, False)])
def test_weights_are_written_where_they_can_be_read(name: str, size: int, written: bool) -> None:
    (heat,) = traces(view(single("china", name, size)[1], "picture"), "heatmap")
    assert ("text" in heat) == written
    if name == "sobel-x":
        assert heat["text"] == [["−1", "0", "1"], ["−2", "0", "2"], ["−1", "0", "1"]]
    if written:
        for which in (0, 1):
            grounds = [theme.PALETTE[f"activation-{sign}"][which] for sign in ("negative", "positive")]
            assert min(contrast(theme.PALETTE["ink"][which], ground) for ground in grounds) >= 4.5


@pytest.mark.parametrize("stage", [single, several, lambda: single("china", "blur")])
def test_every_colour_has_a_dark_partner_or_is_the_pictures_own(stage: Any) -> None:
    known = set(theme.dark_partners()) | {hue for _, hue in GREY_SCALE}
    for plot in stage()[1].views:
        figure = {**plot.figure, "layout": {**plot.figure["layout"], "template": {}}}
        assert set(colours(figure)) <= known


def test_the_chosen_square_lies_in_the_picture_around_its_middle() -> None:
    answers, _ = single()
    weights = kernel("sobel-x", (3, 3))[None].numpy()
    stage = response_stage(picture("china"), answers, ["x"], kernels=weights, crop=(60, 80, 16), pick="")
    plot = view(stage, "picture")
    for shape in plot.figure["layout"]["shapes"]:
        assert (shape["x0"], shape["x1"], shape["y0"], shape["y1"]) == (72, 88, 52, 68)
    assert plot.pick == stage.note == ""


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize("size", [(86, 128), (128, 86), (128, 10), (1, 1)])
def test_tiles_and_kernels_lie_apart_inside_the_picture(count: int, size: tuple[int, int]) -> None:
    tiles = Tiles(count, *size)
    answers = np.arange(1, count + 1, dtype=np.int8)[:, None, None] * np.ones((1, *size), np.int8)
    whole = tiles.together(answers)
    assert whole.shape == tiles.shape
    for number in range(count):
        row, col = tiles.corner(number)
        np.testing.assert_array_equal(whole[row : row + size[0], col : col + size[1]], number + 1)
    assert (whole > 0).sum() == count * size[0] * size[1]


def test_a_small_picture_keeps_the_strongest_answer_of_each_block() -> None:
    answers = np.array([[[1.0, -3, 0], [2, 2, -1], [0, 5, 7]]])
    assert coarser(answers, 2).tolist() == [[[-3, -1], [5, 7]]]
    np.testing.assert_array_equal(coarser(answers, 1), answers)


def test_the_map_of_the_strongest_tells_the_filter_by_hue_and_its_strength_by_shade() -> None:
    responses = np.zeros((8, 1, 4))
    responses[2, 0, 0], responses[2, 0, 1], responses[7, 0, 2] = 1, 0.5, -1
    answers = Answers(responses=responses, titles=["a"] * 8, kernels=np.ones((8, 3, 3)))
    found = codes(answers, strongest(responses))[0]
    shades = theme.SHADES
    assert found.tolist() == [1 + 2 * shades, 1 + 2 * shades + shades // 2, 1 + 7 * shades, 0]


def test_the_key_names_every_hue() -> None:
    _, stage = several()
    plot = view(stage, "strongest")
    (names,) = traces(plot, "scatter")
    assert [text.strip() for text in names["text"]] == list(bank("gabor").titles)
    assert names["marker"]["color"] == [hue for hue, _ in theme.MINIMA]
    (heat,) = traces(plot, "heatmap")
    assert heat["z"].max() <= len(theme.MINIMA) * theme.SHADES == heat["zmax"]


def test_black_answers_and_tiny_pictures_are_drawn_too() -> None:
    for rows, cols in ((1, 1), (2, 30), (50, 1)):
        dark = np.zeros((rows, cols, 3), np.uint8)
        kernels = np.zeros((2, 1, 1))
        responses = np.zeros((2, rows, cols), np.float32)
        stage = response_stage(dark, responses, ["a", "b"], kernels=kernels, strongest=strongest(responses))
        assert len(pack(stage)) > 1000
        for plot in stage.views:
            assert isinstance(plot, Plot)
            plotted(plot)
