"""The page on backpropagation: what it opens on, one click sets a scene, what cannot be is told in a sentence."""

import math
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.topics.backprop_config import FAULTS, MOST_UPDATES, NETWORKS, BackpropConfig
from dlcore.topics.backprop_scenes import SCENES
from dlcore.ui import backprop_rail
from tests.pages.backprop_page import (
    config_on,
    control,
    controls_say,
    frames_of,
    number,
    number_at,
    numbers_on,
    opened,
    press,
    training_on,
    unseen,
    walk_of,
)
from tests.pages.stages import (
    OpenPage,
    healthy,
    lit,
    message_on,
    prose,
    stage_bytes,
    stage_on,
    toasts,
    view_on,
)

# What it opens on


def test_it_opens_on_the_neuron_with_the_numbers_of_pen_and_paper(open_page: OpenPage) -> None:
    page = healthy(open_page("backprop"))
    assert page.title[0].value == "Backpropagation"
    assert config_on(page) == BackpropConfig()
    assert lit(page) == ["backprop.scene-opening"]
    settings, stage, _ = stage_on(page)
    assert (settings["step"], settings["autoplay"], settings["selected"]) == (0, True, "")
    assert [view["key"] for view in stage["views"]] == ["graph", "loop", "chain-rule", "training"]
    a = math.tanh(1 * 0.6 + -2 * 0.2 + 0.1)
    values = {"x1": 1, "x2": -2, "y": 1, "w1": 0.6, "w2": 0.2, "b": 0.1, "m1": 0.6, "m2": -0.4, "z": 0.3}
    delta = (a - 1) * (1 - a * a)
    gradients = {"E": 1, "a": a - 1, "z": delta, "m1": delta, "m2": delta, "b": delta}
    gradients |= {"w1": delta * 1, "w2": delta * -2, "x1": delta * 0.6, "x2": delta * 0.2}
    done = frames_of(BackpropConfig(), "step")[0] - 1  # backward is over, nothing is updated yet
    shown = {name: number(text) for name, text in numbers_on(page, done, "middle").items()}
    assert shown == pytest.approx(values | {"a": a, "E": (a - 1) ** 2 / 2}, abs=6e-4)
    sent = {name: number(text) for name, text in numbers_on(page, done, "bottom").items()}
    assert sent == pytest.approx(gradients, abs=6e-3)
    second = frames_of(BackpropConfig(), "data")[1]  # w1, w2 and b have moved once
    assert set(numbers_on(page, 0, "bottom").values()) == {"?"}
    assert number_at(page, second, "w2") == pytest.approx(0.2 + 0.1 * 2 * delta, abs=6e-4)


def test_the_textbooks_numbers_are_on_its_page(open_page: OpenPage) -> None:
    """Mazur (2015): the errors 0.2748 and 0.0236, ∂E/∂w5 = 0.0822 (its wire's), ∂E/∂a1 = 0.0364, ∂E/∂z3 = 0.1385."""
    page = healthy(opened(open_page, network="textbook", lr=0.5))
    done = frames_of(config_on(page), "step")[0] - 1
    values, gradients = (numbers_on(page, done, where) for where in ("middle", "bottom"))
    assert number(values["E1"]) == pytest.approx(0.2748, abs=6e-4)
    assert number(values["E2"]) == pytest.approx(0.0236, abs=6e-4)
    assert number(values["E"]) == pytest.approx(0.2984, abs=6e-4)
    assert number(gradients["z3"]) == pytest.approx(0.1385, abs=6e-4)
    assert number(gradients["a1"]) == pytest.approx(0.0364, abs=6e-4)


def test_every_network_opens_at_both_levels(open_page: OpenPage, quiet_log: pytest.LogCaptureFixture) -> None:
    page = open_page("backprop")
    for network in NETWORKS:
        healthy(control(page, "network").set_value(network).run())
        assert config_on(page) == BackpropConfig(network=network, lr=backprop_rail.RATES[network])
        scalars = stage_bytes(page)
        assert set(view_on(page, "graph")["targets"]) >= set(walk_of(config_on(page)).net.prediction)
        assert ("data" in [view["key"] for view in stage_on(page)[1]["views"]]) == (network == "mlp")
        healthy(control(page, "level").set_value("modules").run())
        layers = network != "formula"
        assert (stage_bytes(page) != scalars) == layers
        assert ("the-level" in unseen(page)) != layers
        healthy(control(page, "level").set_value("scalars").run())
        assert stage_bytes(page) == scalars


@pytest.mark.parametrize("network", NETWORKS)
def test_faults_are_offered_where_they_break_something(open_page: OpenPage, network: str) -> None:
    page = opened(open_page, network=network, lr=0.1)
    offered = control(page, "fault").options
    for fault, title in FAULTS.items():
        walk = walk_of(BackpropConfig(network=network, fault=fault))
        wrong = any(span.what.wrong for spans in (walk.values, walk.gradients) for span in spans)
        assert wrong == (title in offered and fault != "none"), fault


def test_a_fault_does_not_come_along_to_a_network_that_cannot_have_it(open_page: OpenPage) -> None:
    page = opened(open_page, network="textbook", fault="detach")
    assert view_on(page, "loop")["wrong"]
    healthy(control(page, "network").set_value("softmax").run())
    assert config_on(page).fault == "none"
    assert view_on(page, "loop")["wrong"] == []
    control(page, "fault").set_value("wrong-sign").run()
    healthy(control(page, "network").set_value("conv").run())
    assert config_on(page).fault == "wrong-sign"


# Scenes, and the way back


def test_one_click_sets_each_scene_and_asks_its_question(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture
) -> None:
    page = opened(open_page, seed=77, tab="training", below="Check", selected="w1", step=9)
    for times, scene in enumerate(SCENES, 1):
        healthy(press(page, f"scene-{scene.key}"))
        kept = {"seed": 77, "tab": "training", "below": "Check"}
        assert controls_say(page) == {**backprop_rail.DEFAULTS, **kept, **dict(scene.values)}, scene.key
        assert lit(page) == [f"backprop.scene-{scene.key}"]
        assert scene.question in prose(page)
        settings, _, _ = stage_on(page)
        assert (settings["restart"], settings["selected"], settings["autoplay"]) == (times, "", False)


def test_the_answer_comes_after_the_guess_and_the_walk(open_page: OpenPage) -> None:
    page = open_page("backprop")
    scene = SCENES[0]
    control(page, f"guess-{scene.key}").set_value(scene.choices[scene.answer]).run()
    assert "Watch what happens." in prose(page)
    assert f"Right.** {scene.why}" not in prose(page)
    assert stage_on(page)[0]["play"] == 1
    control(page, "step").set_value(16).run()
    assert f"Right.** {scene.why} **Look:** {scene.look}" in prose(page)


def test_what_is_changed_is_free_play_but_looking_around_is_not(open_page: OpenPage) -> None:
    page = open_page("backprop")
    for name, value in {"level": "modules", "tab": "training", "step": 3, "seed": 5, "below": "The maths"}.items():
        control(page, name).set_value(value).run()
        assert lit(page) == ["backprop.scene-opening"], name
    control(page, "edits").set_value("w1=0.5").run()
    assert lit(page) == []
    assert "Free play" in prose(page)


ELSEWHERE: dict[str, Any] = {
    "network": "mlp",
    "activation": "relu",
    "shape": "2-2",
    "loss": "half-square",
    "lr": 0.2,
    "batch_size": 4,
    "updates": 3,
    "trained": 12,
    "fault": "wrong-sign",
    "edits": "x1=1@3.2, b=0.25",
    "level": "modules",
    "selected": "W1",
    "step": 4,
    "depth": 7,
    "width": 5,
    "gain": 2.5,
    "bias": -0.5,
    "seed": 42,
}


def test_reset_brings_all_but_the_seed_back(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **ELSEWHERE))
    assert config_on(page).edits == "x1=1@3.2, b=0.25"
    healthy(press(page, "reset"))
    assert controls_say(page) == {**backprop_rail.DEFAULTS, "seed": 42}
    assert stage_on(page)[0]["selected"] == ""


def test_new_seed_changes_the_seed_alone_and_the_walk_starts_over(open_page: OpenPage) -> None:
    page = opened(open_page, **ELSEWHERE)
    before, picture = controls_say(page), stage_bytes(page)
    healthy(press(page, "new-seed"))
    assert controls_say(page) == {**before, "seed": 42 + 7919, "step": 0}
    assert stage_bytes(page) != picture


def test_another_network_starts_from_its_own_rate_and_without_the_others_changes(open_page: OpenPage) -> None:
    page = opened(open_page, updates=5, trained=9, edits="w1=2", selected="w1", step=7)
    healthy(control(page, "network").set_value("textbook").run())
    assert controls_say(page) == {**backprop_rail.DEFAULTS, "network": "textbook", "lr": 0.5}


def test_a_look_at_depth_changes_nothing_of_the_walk(open_page: OpenPage) -> None:
    page = healthy(opened(open_page, **ELSEWHERE))
    before, picture = controls_say(page), stage_bytes(page)
    assert unseen(page) >= {"the-depth", "for-formula"}
    healthy(control(page, "view").set_value("depth").run())
    assert unseen(page) >= {"the-network", "for-mlp", "for-data", "the-loop", "the-level"}
    assert [view["key"] for view in stage_on(page)[1]["views"]] == ["gradients", "activations", "weights", "dead"]
    assert stage_on(page)[1]["frames"] == ELSEWHERE["depth"] + 1
    healthy(control(page, "view").set_value("walk").run())
    assert controls_say(page) == {**before, "step": 0, "selected": ""}
    assert stage_bytes(page) == picture


# Training


def trained_by(page: AppTest, epochs: int) -> list[int]:
    """After a press of Train: where the walk begins, what has been trained, how far the curve goes."""
    control(page, "epochs").set_value(epochs).run()
    healthy(press(page, "train"))
    updates, end = training_on(page)
    return [updates, controls_say(page)["trained"], end]


def test_train_goes_on_by_epochs_and_the_walk_begins_behind_them(open_page: OpenPage) -> None:
    page = opened(open_page, network="mlp", batch_size=4, lr=0.5)  # 20 flowers: 5 updates an epoch
    assert trained_by(page, 3) == [15, 15, 17]
    assert trained_by(page, 2) == [25, 25, 27]
    healthy(control(page, "updates").set_value(4).run())  # a look back
    assert training_on(page) == (4, 27)
    assert trained_by(page, 1) == [30, 30, 32]
    assert config_on(page) == BackpropConfig(network="mlp", batch_size=4, lr=0.5, updates=30)


def test_a_network_with_one_sample_makes_one_update_an_epoch_and_stops_at_the_last(open_page: OpenPage) -> None:
    page = opened(open_page, batch_size=4, updates=40)  # the batch size is the perceptron's
    assert trained_by(page, 10) == [50, 50, 52]
    control(page, "trained").set_value(MOST_UPDATES - 1).run()
    assert trained_by(page, 10)[:2] == [MOST_UPDATES, MOST_UPDATES]


def test_train_changes_nothing_while_the_settings_cannot_be(open_page: OpenPage) -> None:
    page = opened(open_page, network="formula", formula="x*x")
    control(page, "formula").set_value("x*").run()
    before = controls_say(page)
    press(page, "train")
    assert controls_say(page) == before
    assert len(page.error) == 1


# Who else is here


def test_readers_do_not_meet(open_page: OpenPage) -> None:
    first = opened(open_page, edits="w1=0.5")
    alone = message_on(first)
    second = opened(open_page, edits="w1=-0.5")
    assert message_on(second) != alone
    control(second, "edits").set_value("w1=-0.5, b=3").run()
    press(second, "scene-max-pool")
    first.run()
    assert message_on(first) == alone
    assert config_on(first) == BackpropConfig(edits="w1=0.5")
    assert toasts(first) == []
