"""Backpropagation's page and its address say the same, and so does what can be taken away."""

import csv
import io
import math
from typing import Any

import numpy as np
import pytest

from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.backprop_programs import program
from dlcore.topics.depth import DepthConfig
from dlcore.topics.networks import build
from dlcore.topics.timeline import train
from dlcore.ui import backprop_rail, backprop_text
from tests.pages.backprop_page import config_on, controls_say, number_at, opened, walk_of
from tests.pages.stages import OpenPage, check_told_once, healthy, message_on, prose, stage_bytes, stage_on, toasts

# The picture and the link

LINKS: dict[str, dict[str, Any]] = {
    "neuron": {"activation": "sigmoid", "lr": 0.019, "updates": 7, "trained": 30, "edits": "w1=-0.5, x2=3@8"},
    "textbook": {"network": "textbook", "lr": 0.5, "fault": "detach", "step": 12, "selected": "a1", "tab": "training"},
    "perceptron": {
        "network": "mlp",
        "activation": "relu",
        "shape": "4-3",
        "loss": "half-square",
        "lr": 0.21,
        "batch_size": 4,
        "updates": 30,
        "trained": 40,
        "fault": "no-zero-grad",
        "edits": "x1=1.5@30.3, b=-1@31",
        "seed": 123456789,
        "level": "modules",
        "epochs": 3,
        "tab": "data",
    },
    "softmax": {"network": "softmax", "lr": 2.0, "edits": "z1=-1, y1=1, y2=0", "fault": "wrong-sign"},
    "conv": {"network": "conv", "lr": 0.05, "edits": "x33=2.5, k11=0", "fault": "bias-fan-in", "updates": 2},
    "formula": {"network": "formula", "formula": "log(u)*v + max(u, v)^2", "lr": 0.01, "edits": "v=0.75"},
}
DEEP = {"view": "depth", "activation": "relu", "depth": 9, "width": 17, "gain": 1.4, "bias": -0.5, "seed": 8}


@pytest.mark.parametrize("values", [*LINKS.values(), DEEP], ids=[*LINKS, "depth"])
def test_the_link_gives_this_very_walk_and_the_same_bytes_to_every_reader(
    open_page: OpenPage, values: dict[str, Any]
) -> None:
    first, second = (healthy(opened(open_page, **values)) for _ in range(2))
    assert toasts(first) == []
    assert controls_say(first) == {**backprop_rail.DEFAULTS, **values}
    fields = {name: value for name, value in values.items() if name in BackpropConfig.__dataclass_fields__}
    if "shape" in fields:
        fields["shape"] = tuple(map(int, fields["shape"].split("-")))
    assert config_on(first) == BackpropConfig(**fields)
    assert message_on(first) == message_on(second)
    settings, _, _ = stage_on(first)
    said = {name: values.get(name, backprop_rail.DEFAULTS[name]) for name in ("step", "tab", "selected")}
    assert settings.items() >= said.items()
    assert settings["autoplay"] is False


def test_the_numbers_in_the_picture_are_those_of_the_link(open_page: OpenPage) -> None:
    """f = log(u)·v + max(u, v)² at u = 0.5, v = 0.75; the second turn begins one step further."""
    page = opened(open_page, **LINKS["formula"])
    walk = walk_of(config_on(page))
    loss, second = walk.phases.index("backward"), walk.phases.index("data", 1)
    assert number_at(page, loss, "f") == pytest.approx(math.log(0.5) * 0.75 + 0.75**2, abs=6e-4)
    assert number_at(page, second, "u") == pytest.approx(0.5 - 0.01 * 0.75 / 0.5, abs=6e-4)
    assert number_at(page, second, "v") == pytest.approx(0.75 - 0.01 * (math.log(0.5) + 2 * 0.75), abs=6e-4)


def test_a_link_to_depth_shows_these_layers(open_page: OpenPage) -> None:
    page = opened(open_page, **DEEP)
    fields = {name: value for name, value in DEEP.items() if name != "view"}
    assert backprop_rail.depth_config_of(controls_say(page)) == DepthConfig(**fields)
    assert stage_on(page)[1]["frames"] == DEEP["depth"] + 1


# What cannot be

INVALID = {
    "network": "foo",
    "activation": "softplus",
    "loss": "none",
    "lr": "-1",
    "batch_size": "3",
    "updates": "99999",
    "trained": "-1",
    "fault": "everything",
    "seed": "-1",
    "view": "Sea",
    "level": "atoms",
    "depth": "31",
    "gain": "nan",
    "step": "1000000000",
    "tab": "x",
    "epochs": "0",
}


def test_all_that_is_invalid_is_told_of_once_and_what_is_valid_holds(open_page: OpenPage) -> None:
    page = open_page("backprop", {**INVALID, "edits": "w1=0.5", "wind": "north"})
    assert controls_say(healthy(page)) == {**backprop_rail.DEFAULTS, "edits": "w1=0.5"}
    assert config_on(page) == BackpropConfig(edits="w1=0.5")
    check_told_once(page, INVALID, unknown="wind")


def test_a_fault_that_a_network_cannot_have_is_told_of(open_page: OpenPage) -> None:
    page = opened(open_page, network="softmax", fault="detach")
    assert config_on(healthy(page)) == BackpropConfig(network="softmax")
    (sentence,) = toasts(page)
    assert sentence.startswith(
        "The link's fault = “detach() before the last layer” is not possible here; it is nothing"
    )


REFUSED = {
    "an unknown name": ({"edits": "w9=1"}, "“w9” cannot be changed: this network has"),
    "an edit without a number": ({"edits": "w1"}, "“w1” is not understood"),
    "another network's": ({"network": "textbook", "edits": "w1=1, b=2"}, "“b” cannot be changed"),
    "widths": ({"network": "mlp", "shape": "9-9"}, "a layer's width is 9"),
    "no widths": ({"network": "mlp", "shape": "wide"}, "it must be one to four widths"),
    "a formula": ({"network": "formula", "formula": "x +* y"}, "is missing before '*' (character 4)"),
    "no formula": ({"network": "formula", "formula": ""}, "The formula is empty."),
    "a module": ({"network": "formula", "formula": "__import__('os')"}, "has no place in a formula"),
}


@pytest.mark.parametrize(("values", "words"), REFUSED.values(), ids=REFUSED)
def test_a_link_that_cannot_be_walked_says_why_above_the_opening_picture(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, values: dict[str, str], words: str
) -> None:
    page = opened(open_page, **values)
    assert not page.exception
    (error,) = page.error
    assert words in error.value
    assert len(error.value) < 200
    opening = opened(open_page, step=0)
    assert stage_bytes(page) == stage_bytes(opening)
    assert stage_on(page)[1] == stage_on(opening)[1]


@pytest.mark.parametrize("text", ["", "1e400", "9" * 400, "<script>alert(1)</script>", "x" * 3000])
@pytest.mark.parametrize("name", ["network", "edits", "formula", "selected", "step", "view"])
def test_no_link_breaks_the_page(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, name: str, text: str
) -> None:
    page = open_page("backprop", {"network": "Your own formula", name: text})
    assert not page.exception
    assert len(page.error) <= 1
    assert all(len(toast) < 200 for toast in toasts(page))
    assert message_on(page)


# What can be taken away


@pytest.mark.parametrize("values", LINKS.values(), ids=LINKS)
def test_the_table_has_a_row_for_every_node_and_pass_with_the_engines_numbers(values: dict[str, Any]) -> None:
    settings = {**backprop_rail.DEFAULTS, **values}
    walk = walk_of(backprop_rail.config_of(settings))
    nodes = walk.net.graph.nodes
    rows = list(csv.DictReader(io.StringIO(backprop_text.csv(walk))))
    samples = [(done.sample, turn.update) for turn in walk.iterations for done in turn.passes]
    assert len(rows) == len(nodes) * len(samples)
    for (sample, update), done in zip(samples, walk.passes, strict=True):
        own, rows = rows[: len(nodes)], rows[len(nodes) :]
        assert {(row["sample"], row["update"]) for row in own} == {(str(sample), str(update))}
        assert [row["node"] for row in own] == [node.name for node in nodes]
        assert [float(row["value"]) for row in own] == done.done.values
        gradients = walk.net.graph.gradients(done.done.arrivals, done.done.seed)
        found = {i: float(row["gradient"]) for i, row in enumerate(own) if row["gradient"]}
        assert found == gradients
        exact = np.array([float(row["autograd"] or "nan") for row in own])
        np.testing.assert_array_equal(exact, done.exact)
        if settings["fault"] != "detach":
            np.testing.assert_allclose([found[i] for i in found], exact[list(found)], rtol=0, atol=1e-9)


def test_the_table_of_training_has_a_row_a_state() -> None:
    config = BackpropConfig(edits="w1=0.5@3")
    training = train(config, build(config), 5)
    rows = list(csv.DictReader(io.StringIO(backprop_text.losses_csv(training))))
    assert [int(row["update"]) for row in rows] == list(range(6))
    assert [float(row["loss"]) for row in rows] == training.loss.tolist()
    assert [float(row["w2"]) for row in rows] == [state.parameters["w2"] for state in training.states]
    assert float(rows[3]["w1"]) == 0.5


@pytest.mark.parametrize("name", ["perceptron", "formula"])
def test_the_program_on_the_page_is_the_one_of_these_settings(open_page: OpenPage, name: str) -> None:
    page = healthy(opened(open_page, **LINKS[name], below="The code"))
    (code,) = page.code
    config = config_on(page)
    assert code.value.strip() == program(config, build(config)).strip()


@pytest.mark.parametrize("values", [{}, {"network": "conv"}, {"view": "depth"}], ids=["walk", "conv", "depth"])
def test_every_tab_below_the_fold_opens(open_page: OpenPage, quiet_log: Any, values: dict[str, str]) -> None:
    for name in ("Why it happens", "The maths", "The code", "Check", "Take it away", "Reading"):
        page = healthy(opened(open_page, **values, below=name))
        assert controls_say(page)["below"] == name
    assert "lectures this lesson follows" in prose(page)
