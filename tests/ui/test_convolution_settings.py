"""Controls become what they say: a layer, a scene, filters, a stack; the lesson's scenes are controls of its rail."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.datasets.pictures import PICTURES, picture
from dlcore.figures.convolution import LAYOUTS
from dlcore.lessons import Scene
from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.convolution import MODES, Conv
from dlcore.topics.convolution_config import DIRECTIONS, INPUTS, MOST_CHANNELS, UPSTREAM, WindowConfig
from dlcore.topics.convolution_facts import facts
from dlcore.topics.convolution_scenes import SCENES
from dlcore.topics.filter_config import ONE, FilterConfig
from dlcore.topics.filtering import BANKS
from dlcore.topics.kernels import KERNELS
from dlcore.topics.layer_stack import MAX_CHANNELS, MAX_SIZE, trace
from dlcore.topics.pooling import Pool
from dlcore.topics.sliding import check
from dlcore.topics.window import lines, slid
from dlcore.ui import convolution_rail as rail
from dlcore.ui.convolution_settings import (
    PATCH,
    filter_config_of,
    layer_of,
    patch_of,
    place_of,
    read_sides,
    stack_of,
    window_config_of,
)
from tests.topics import convolution_claims as claims

MENUS: dict[str, Mapping[str, object]] = {
    "view": rail.VIEWS,
    "operation": rail.OPERATIONS,
    "direction": DIRECTIONS,
    "layout": LAYOUTS,
    "group": rail.GROUPS,
    "axes": rail.AXES,
    "padding": rail.PADDINGS,
    "mode": MODES,
    "image": INPUTS,
    "filter": KERNELS,
    "turn": rail.TURNS,
    "upstream": UPSTREAM,
    "picture": PICTURES,
    "bank": {ONE: "", **BANKS},
    "architecture": ARCHITECTURES,
    "tab": rail.TABS,
}
RANGES: dict[str, tuple[float, float]] = {
    **{name: (low, high) for name, (_, low, high) in rail.ALONG.items()},
    **{f"{name}_across": (low, high) for name, (_, low, high) in rail.ALONG.items()},
    **dict.fromkeys(("in_channels", "out_channels", "groups"), (1, MOST_CHANNELS)),
    "pad": (0, 8),
    "output_padding": (0, 4),
    "wavelength": (2, 12),
    "sigma": (0.5, 6),
    "channels": (1, MAX_CHANNELS),
    "height": (1, MAX_SIZE),
}
IDS = [scene.key for scene in SCENES]


def controls(**values: Any) -> dict[str, Any]:
    assert set(values) <= set(rail.DEFAULTS)
    return {**rail.DEFAULTS, **values}


# Scenes


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_a_scenes_values_are_controls_with_values_that_they_can_have(scene: Scene) -> None:
    values = dict(scene.values)
    assert len(values) == len(scene.values)
    for name, value in values.items():
        assert type(value) is type(rail.DEFAULTS[name]), name
        assert value != rail.DEFAULTS[name] or (name in ("channels", "height") and "architecture" in values), name
        if name in MENUS:
            assert value in MENUS[name], name
        elif name != "layers":
            low, high = RANGES[name]
            assert low <= value <= high, name


@pytest.mark.parametrize("scene", SCENES, ids=IDS)
def test_what_the_claims_are_proven_for_is_what_the_page_shows(scene: Scene) -> None:
    values, key = controls(**dict(scene.values)), scene.key
    match values["view"]:
        case "window":
            assert window_config_of(values) == claims.config_of(key)
        case "picture":
            assert filter_config_of(values) == claims.filters_of(key)
        case "stack":
            assert stack_of(values) == claims.stack_of(key)


@pytest.mark.parametrize("seed", [0, 7])
def test_the_claims_vary_what_the_page_varies(seed: int) -> None:
    for key in claims.WINDOWS:
        values = controls(**{**dict(claims.BY_KEY[key].values), "seed": seed, "turn": "convolution"})
        assert window_config_of(values) == claims.config_of(key, seed=seed, turn="convolution")


# Layers


def test_the_rail_opens_with_the_defaults_of_what_it_describes() -> None:
    assert window_config_of(rail.DEFAULTS) == WindowConfig()
    assert filter_config_of(rail.DEFAULTS) == FilterConfig()
    first = ARCHITECTURES[rail.FIRST]
    assert trace(stack_of(rail.DEFAULTS))[0].shape == first.input


LAYERS: list[tuple[dict[str, Any], Conv | Pool]] = [
    ({}, Conv(size=(7, 7), padding="half")),
    ({"padding": "number", "pad": 2, "stride": 3}, Conv(size=(7, 7), padding=2, stride=(3, 3))),
    ({"padding": "sides", "sides": "1 0, 2 3"}, Conv(size=(7, 7), padding=((1, 0), (2, 3)))),
    (
        {"differ": True, "size_across": 5, "kernel_across": 1, "stride_across": 2, "dilation": 2},
        Conv(size=(7, 5), kernel=(3, 1), stride=(1, 2), dilation=(2, 1), padding="half"),
    ),
    (
        {"axes": "1", "differ": True, "size_across": 9, "padding": "sides", "sides": "0, 2"},
        Conv(size=(7,), kernel=(3,), stride=(1,), dilation=(1,), output_padding=(0,), padding=((0, 2),)),
    ),
    (
        {"operation": "transposed", "stride": 2, "output_padding": 1, "bias": 0.5},
        Conv(size=(7, 7), stride=(2, 2), padding="half", output_padding=(1, 1), transposed=True, bias=True),
    ),
    ({"output_padding": 3}, Conv(size=(7, 7), padding="half")),  # left over from a transposed layer
    (
        {"in_channels": 4, "out_channels": 2, "groups": 2, "mode": "circular"},
        Conv(size=(7, 7), padding="half", in_channels=4, out_channels=2, groups=2, mode="circular"),
    ),
    (
        {"operation": "max", "padding": "valid", "kernel": 2, "stride": 2, "dilation": 3, "in_channels": 4},
        Pool(size=(7, 7)),
    ),
    (
        {"operation": "average", "padding": "number", "pad": 1, "stride": 2},
        Pool(size=(7, 7), kernel=(3, 3), stride=(2, 2), padding=(1, 1), kind="average"),
    ),
]


@pytest.mark.parametrize(("values", "layer"), LAYERS)
def test_controls_describe_a_layer(values: dict[str, Any], layer: Conv | Pool) -> None:
    assert layer_of(controls(**values)) == layer


SENTENCES = [
    ({"padding": "sides", "sides": "1, 2"}, "give 4 whole numbers, top, bottom, left, right"),
    ({"axes": "1", "padding": "sides", "sides": "1"}, "give 2 whole numbers, before, after"),
    ({"padding": "valid", "size": 2}, "kernel is 3"),
    ({"operation": "max", "padding": "number", "pad": 2}, "padding is 2, more than half of the window"),
    ({"operation": "max", "padding": "valid", "direction": "weight"}, "Pooling has no weights"),
    ({"in_channels": 3, "groups": 2}, "groups is 2"),
    ({"edits": "x0=one"}, "“x0=one” is not understood"),
]


@pytest.mark.parametrize(("values", "sentence"), SENTENCES)
def test_what_cannot_be_is_said_in_one_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        window_config_of(controls(**values))


@pytest.mark.parametrize(
    "text", ["", "1, 2, 3", "1, 2, 3, x", "-1, 0, 0, 0", "1, 0, 0, 100", "1.5, 0, 0, 0", "²,1,1,1"]
)
def test_sides_that_are_none_are_refused_with_what_was_typed(text: str) -> None:
    with pytest.raises(ValueError, match="The sides' padding is") as caught:
        read_sides(text, 2)
    assert repr(text) in str(caught.value)


def test_sides_are_read_with_commas_semicolons_or_spaces() -> None:
    assert read_sides(" 1, 0;2 3 ", 2) == ((1, 0), (2, 3))
    assert read_sides("1, 0, 2, 3", 1) == ((1, 0),)


def anything() -> st.SearchStrategy[dict[str, Any]]:
    """The controls of the Window view, each by itself with a value that it can have; many can be shown."""
    looks = ("view", "picture", "bank", "architecture", "tab", "group", "layout")
    drawn: dict[str, st.SearchStrategy[Any]] = {
        **{name: st.sampled_from(sorted(menu)) for name, menu in MENUS.items() if name not in looks},
        **{name: st.integers(int(low), int(high)) for name, (low, high) in RANGES.items() if isinstance(low, int)},
        "size": st.integers(1, 12),
        "size_across": st.integers(1, 12),
        "padding": st.sampled_from([*rail.PADDINGS, "half", "valid", "same"]),
        "mode": st.sampled_from([*MODES, "zeros", "zeros"]),
        **dict.fromkeys(("in_channels", "out_channels"), st.sampled_from([1, 2, 3, 4])),
        "groups": st.sampled_from([1, 1, 1, 2]),
        "output_padding": st.sampled_from([0, 0, 0, 1]),
        "differ": st.booleans(),
        "sides": st.sampled_from(["1, 1, 1, 1", "0, 2, 1, 0", "1"]),
        "bias": st.sampled_from([0.0, -1.5]),
        "edits": st.sampled_from(["", "", "x0.0.0=3, w0.0.1.1=-2, g0.1.1=4", "x9.9=1", "w"]),
    }
    return st.fixed_dictionaries(drawn).map(lambda values: controls(**values))


@given(anything())
@settings(max_examples=150)
def test_any_controls_describe_what_can_be_shown_or_are_refused_in_a_sentence(values: dict[str, Any]) -> None:
    config, sentence = described(values)
    if config is None:
        assert sentence.endswith(".")
        return
    assert check(slid(config)) < 1e-6
    assert facts(config.layer)
    assert lines(config)


def described(values: dict[str, Any]) -> tuple[WindowConfig | None, str]:
    try:
        return window_config_of(values), ""
    except ValueError as error:
        return None, str(error)


# Filters, stacks and places in a picture


def test_the_picture_is_seen_through_the_windows_kernel() -> None:
    values = controls(filter="gabor", kernel=9, stride=2, dilation=3, turn="convolution", sigma=1.5, edits="w0.0.0.0=2")
    assert filter_config_of(values) == FilterConfig(
        kernel="gabor", size=9, stride=2, dilation=3, flip=True, sigma=1.5, edits="w0.0.0.0=2"
    )
    assert filter_config_of(controls(bank="edges")).name == "edges"


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_network_of_the_menu_is_a_stack_with_what_it_loads(name: str) -> None:
    network = ARCHITECTURES[name]
    channels, height, width = network.input
    assert height == width
    stack = stack_of(controls(architecture=name, layers=network.text, channels=channels, height=height))
    assert trace(stack)[0].shape == network.input
    assert channels <= MAX_CHANNELS
    assert height <= MAX_SIZE


def test_layers_that_are_none_are_said_to_be() -> None:
    with pytest.raises(ValueError, match="conw"):
        stack_of(controls(layers="conw 3x3 8"))


@pytest.mark.parametrize(
    ("text", "place"),
    [("12, 40", (12, 40)), (" 0,0 ", (0, 0)), ("", None), ("12", None), ("-1, 4", None), ("1, 2, 3", None)],
)
def test_a_place_of_the_picture_is_two_numbers_or_none(text: str, place: tuple[int, int] | None) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize(
    ("at", "middle"), [("100, 60", (100, 60)), ("", (96, 128)), ("0, 0", (0, 0)), ("500, 9", None)]
)
def test_a_patch_is_the_square_around_a_place(at: str, middle: tuple[int, int] | None) -> None:
    image = picture("shapes")
    patch = np.frombuffer(patch_of(image, at), np.uint8).reshape(3, PATCH, PATCH)
    if middle is None:  # beyond the picture: its edge, repeated
        np.testing.assert_array_equal(patch[:, 0], patch[:, -1])
        return
    padded = np.pad(image, ((PATCH, PATCH), (PATCH, PATCH), (0, 0)), mode="edge")
    top, left = (place + PATCH - PATCH // 2 for place in middle)
    np.testing.assert_array_equal(patch.transpose(1, 2, 0), padded[top : top + PATCH, left : left + PATCH])


def test_only_the_input_that_is_a_patch_has_one() -> None:
    patch = patch_of(picture("shapes"), "")
    assert window_config_of(controls(image="patch"), patch).patch == patch
    assert window_config_of(controls(image="disc"), patch).patch == b""
