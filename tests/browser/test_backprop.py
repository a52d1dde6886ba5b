"""The lesson on backpropagation in a real browser: stepping, selecting, changing, predicting, training, scenes."""

import itertools
import math
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from benchmarks._browser import Screen
from dlcore.numerals import compact, digits
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.backprop_scenes import SCENES
from dlcore.topics.walk import Walk
from tests.browser.backprop_screen import (
    NEURON,
    TEXTBOOK,
    alerts,
    choose,
    click,
    control,
    field,
    lacks,
    link,
    notes,
    numbers,
    plotted,
    says,
    seen,
    shown,
    title,
    values,
    values_of,
    write,
)
from tests.pages.backprop_page import walk_of

LINES = {
    "data": "for x, y in samples:",
    "zero_grad": "optimizer.zero_grad()",
    "forward": "p = net(x)",
    "loss": "loss = loss_fn(p, y)",
    "backward": "loss.backward()",
    "step": "optimizer.step()",
}
BY_KEY = {scene.key: scene for scene in SCENES}


def exact(walk: Walk, name: str, number: int = 0) -> float:
    """What torch.autograd says of a node's gradient in one of the walk's passes."""
    return float(walk.passes[number].exact[walk.net.graph.index[name]])


def arrival(walk: Walk, name: str) -> int:
    """The frame of the first turn at which a node's gradient is complete."""
    index = walk.net.graph.index[name]
    return max(landing.frame for landing in walk.landings if landing.number == 0 and landing.arrival.target == index)


# The walk


def test_a_turn_of_the_loop_is_stepped_through_and_back(screen: Screen):
    walk = walk_of(NEURON)
    turn = walk.passes[0].end
    screen.lesson(link(lr=0.1))
    there = [seen(screen)]
    for _ in range(turn - 1):
        screen.do("forward")
        there.append(seen(screen))
    for k, frame in enumerate(there):
        assert frame["label"] == f"step {k} / {walk.num_frames - 1}"
        assert frame["line"] == LINES[walk.phases[k]]
        assert frame["values"] == values_of(walk, k)
    lines = [line for line, _ in itertools.groupby(frame["line"] for frame in there)]
    assert lines == list(LINES.values())
    for name in ("x1", "x2", "w1", "w2", "b", "m1", "m2", "z", "a"):
        known = arrival(walk, name)
        written = ["?"] * known + [compact(exact(walk, name))] * (turn - known)
        assert [frame["gradients"][name] for frame in there] == written, name
    for k in reversed(range(turn - 1)):
        screen.do("back")
        assert seen(screen) == there[k], k


# Selecting


def test_a_node_is_selected_and_its_note_has_the_chain_rule_until_escape(screen: Screen):
    walk = walk_of(NEURON)
    screen.lesson(link(lr=0.1)).do("end").committed()
    expect(title(screen)).to_have_text("b")  # the last step
    click(screen, "z")
    expect(title(screen)).to_have_text("z = m1 + m2 + b")
    expect(notes(screen).filter(has_text="∂E/∂z = ∂E/∂a · ∂a/∂z = ∂E/∂a · (1 − a²)")).to_have_count(1)
    gradient = digits(exact(walk, "z", 1))
    expect(notes(screen).filter(has_text=f"autograd {gradient}, off by")).to_have_count(1)
    screen.page.wait_for_url(says(selected="z", step=str(walk.num_frames - 1)))
    address = screen.page.url.removeprefix(f"{screen.url}/")
    there = seen(screen.idle())
    screen.page.keyboard.press("Escape")
    expect(title(screen)).to_have_text("b")
    screen.page.wait_for_url(lacks("selected"))
    screen.lesson(address)
    expect(shown(screen)).to_have_value("z")
    assert seen(screen) == there


def test_the_list_selects_as_a_click_does(screen: Screen):
    screen.lesson(link(lr=0.1))
    assert shown(screen).locator("option").count() == 1 + 11 + 10  # nothing, the nodes, the edges
    shown(screen).select_option("m1→z")
    expect(title(screen)).to_have_text("m1 → z")
    screen.page.wait_for_url(says(selected="m1→z"))
    screen.page.get_by_role("button", name="Follow the walk again").click()
    screen.page.wait_for_url(lacks("selected"))


# Changing


def test_a_weight_is_changed_on_its_edge_and_all_that_follows_with_it(screen: Screen):
    backward = walk_of(TEXTBOOK).phases.index("backward")
    screen.lesson(link(network="textbook", lr=0.5, step=backward))
    assert values(screen) == values_of(walk_of(TEXTBOOK), backward)
    click(screen, "x1→z1")
    expect(title(screen)).to_have_text("x1 → z1, weight w1")
    weight = field(screen, "w1 =")
    expect(weight).to_have_value("0.15")
    before = screen.draws
    weight.fill("−2")
    weight.press("Enter")
    screen.drawn(before)
    expect(control(screen, "edits").get_by_role("textbox")).to_have_value("w1=-2")
    changed = walk_of(replace(TEXTBOOK, edits="w1=-2"))
    assert values(screen) == values_of(changed, backward)
    assert numbers(values(screen))["z1"] == pytest.approx(-2 * 0.05 + 0.2 * 0.1 + 0.35, abs=1e-3)
    screen.page.wait_for_url(says(edits="w1=-2", selected="x1→z1"))
    there = seen(screen.idle())
    screen.page.reload()
    screen.drawn()
    assert seen(screen) == there
    weight.fill("a half")
    weight.press("Enter")
    expect(screen.page.get_by_text("Give a number, such as −0.5.")).to_be_visible()
    write(screen, "edits", "w1=-2, w9=1")
    expect(alerts(screen)).to_have_count(1)
    expect(alerts(screen)).to_contain_text("“w9” cannot be changed: this network has x1, x2, y1, y2, w1,")
    assert (values(screen), screen.draws) == (there["values"], 1)


def test_a_formula_with_an_error_is_told_of_and_a_good_one_is_drawn(screen: Screen):
    screen.lesson(link(network="formula", formula="x*x + 3*x")).do("end").committed()
    before = seen(screen)
    write(screen, "formula", "x*x + 3*")
    expect(alerts(screen)).to_have_count(1)
    expect(alerts(screen)).to_contain_text("A number or a variable is missing after '*' (character 8).")
    assert seen(screen) == before
    draws = screen.draws
    write(screen, "formula", "x*sin(y) + 1")
    screen.drawn(draws)
    expect(alerts(screen)).to_have_count(0)
    walk = walk_of(BackpropConfig(network="formula", formula="x*sin(y) + 1"))
    screen.page.locator(".dp-program button", has_text="backward").click()
    assert values(screen) == values_of(walk, screen.step)
    assert numbers(values(screen))["f"] == pytest.approx(0.5 * math.sin(2.0) + 1, abs=1e-2)


# Predicting


def test_a_guess_with_the_wrong_sign_is_told_so_where_the_gradient_is_revealed(screen: Screen):
    walk = walk_of(NEURON)
    screen.lesson(link(lr=0.1, step=walk.phases.index("backward")))
    click(screen, "z")
    guess, gradient = field(screen, "Predict ∂E/∂z:"), exact(walk, "z")
    guess.fill(f"{-gradient:.3g}")
    screen.page.get_by_role("button", name="Check").click()
    verdict = screen.page.locator(".dp-verdict")
    expect(verdict).to_contain_text("The size is right, the sign is not.")
    expect(verdict).to_contain_text(f"It is {digits(gradient)} =")
    assert screen.step == arrival(walk, "z")
    assert seen(screen)["gradients"]["z"] == compact(gradient)
    screen.do("back")
    guess.fill(f"{gradient:.3g}")
    guess.press("Enter")
    expect(verdict).to_contain_text("✓ Yes.")
    assert screen.step == arrival(walk, "z")


# Training


def test_training_moves_the_walk_and_a_click_on_its_curve_goes_back(screen: Screen):
    screen.lesson(link(lr=0.1, epochs=8))
    before = screen.draws
    control(screen, "train").get_by_role("button").click()
    screen.drawn(before)
    later = walk_of(replace(NEURON, updates=8))
    assert values(screen) == values_of(later, 0)
    screen.page.wait_for_url(says(updates="8", trained="8"))
    screen.tab("Training").idle()
    before, loss = screen.draws, float(later.passes[0].done.values[-1])
    screen.page.mouse.click(*plotted(screen, "training", 3.1, loss))
    screen.drawn(before)
    screen.page.wait_for_url(says(updates="3", trained="8"))
    assert values(screen) == values_of(walk_of(replace(NEURON, updates=3)), 0)
    assert (screen.step, screen.player("player.transport.playing")) == (0, False)
    assert len(screen.player("player.views.get('training').element.data[0].x")) == 8 + 1 + 2  # the walk goes on by two


# Other views


def faster(screen: Screen) -> Screen:
    screen.page.get_by_label("Speed").select_option("8")
    return screen


def test_the_level_of_layers_has_the_same_loss(screen: Screen):
    screen.lesson(link(network="textbook", lr=0.5)).do("end").committed()
    scalars = values(screen)
    choose(screen, "level", "layer modules")
    screen.do("end").committed()
    layers = values(screen)
    assert (layers["E"], len(layers)) != (scalars["E"], len(scalars))
    assert layers["E"] == scalars["E"] == compact(float(walk_of(TEXTBOOK).passes[1].done.values[-1]))
    screen.page.wait_for_url(says(level="layer modules"))


def test_depth_is_played_to_its_first_layer(screen: Screen):
    screen.lesson(link(lr=0.1))
    choose(screen, "view", "Depth")
    screen.do("toggle").until("player.transport.playing && player.k > 0")
    faster(screen).committed()
    assert screen.label == "layers 20 / 20"
    expect(screen.page.locator(".dp-note")).to_contain_text("at layer 1 it is")
    choose(screen, "view", "Walk")
    screen.do("reset").committed()
    assert values(screen) == values_of(walk_of(NEURON), 0)


# Scenes


def test_every_scene_is_shown_and_marked_as_the_present_one(screen: Screen):
    screen.lesson(link(lr=0.2))
    row = screen.page.locator(".st-key-backprop-scenes")
    for scene in SCENES:
        before = screen.draws
        control(screen, f"scene-{scene.key}").get_by_role("button").click()
        screen.drawn(before)
        expect(row.get_by_test_id("stBaseButton-primary")).to_have_text(scene.title)
        expect(control(screen, "question")).to_contain_text(scene.question)
        expect(alerts(screen)).to_have_count(0)
        assert screen.label.split(" ")[1] == "0", scene.key
        expect(screen.page.locator(".dp-note")).not_to_contain_text("could not be drawn")


@pytest.mark.parametrize("key", ["opening", "no-zero-grad", "dead-layers"])
def test_an_answer_plays_the_scene_and_then_there_is_a_verdict(screen: Screen, key: str):
    scene = BY_KEY[key]
    screen.lesson(link(**dict(scene.values)) if scene.values else link(lr=0.1))
    question = control(screen, "question")
    for choice, verdict in ((scene.answer, "Right."), (0, f"Not so: {scene.choices[scene.answer]}.")):
        question.get_by_role("radio", name=scene.choices[choice], exact=True).click()
        screen.until("player.transport.playing && player.k > 0")
        expect(question).to_contain_text("Watch what happens.")
        expect(question).not_to_contain_text(scene.why)
        faster(screen).committed()
        last = walk_of(NEURON).phases.index("step") - 1 if scene.short else screen.player("player.transport.last")
        assert screen.step == last
        expect(question).to_contain_text(verdict)
        expect(question).to_contain_text(scene.why)
        screen.page.get_by_label("Speed").select_option("1")


def test_space_pauses_what_an_answer_has_started(screen: Screen):
    screen.lesson(link(lr=0.1))
    answer = control(screen, "question").get_by_role("radio").first
    answer.click()
    screen.until("player.transport.playing && player.k > 0")
    screen.page.keyboard.press(" ")
    expect(screen.page.locator(".dp-bar [data-do=toggle]")).to_have_attribute("aria-label", "Play")
    expect(answer).to_be_checked()


@pytest.mark.parametrize("name", ["train", "level"])
def test_the_address_has_the_step_that_is_shown(screen: Screen, name: str):
    screen.lesson(link(network="textbook", lr=0.5, step=20))
    before = screen.draws
    button = control(screen, "train").get_by_role("button")
    (button if name == "train" else control(screen, "level").get_by_role("radio").last).click()
    screen.drawn(before).committed()
    expect(screen.page).to_have_url(says(step=str(screen.step)) if screen.step else lacks("step"), timeout=5000)
