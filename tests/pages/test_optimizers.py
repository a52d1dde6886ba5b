"""One click sets a scene; what cannot be is told in a sentence; sessions do not meet."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.optimizers_scenes import SCENES
from dlcore.topics.surfaces import SURFACES
from dlcore.ui import descent_rail
from tests.pages.optimizers_page import FIELDS, config_on, link, paths_on
from tests.pages.stages import OpenPage, healthy, lit, message_on, prose, stage_on

# Scenes


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_one_click_sets_the_scene_and_asks_its_question(open_page: OpenPage, scene) -> None:
    assert set(dict(scene.values)) <= set(descent_rail.DEFAULTS)
    page = open_page("optimizers", link(seed=77, x0=1.0, lr=0.2))
    page.button(key=f"optimizers.scene-{scene.key}").click().run()
    healthy(page)
    expected = RaceConfig(**{name: value for name, value in scene.values if name in FIELDS}, seed=77)
    assert config_on(page) == expected
    for name, value in scene.values:
        if name not in FIELDS:
            shown = page.button_group(key=f"optimizers.{name}").value
            assert shown == (list(value) if isinstance(value, tuple) else value)
    text = prose(page)
    assert scene.question in text
    settings, _, _ = stage_on(page)
    assert settings["restart"] == 1
    assert lit(page) == [f"optimizers.scene-{scene.key}"]
    # The answer comes only after a guess, and after the run was watched.
    assert page.button_group(key=f"optimizers.guess-{scene.key}").value is None
    assert f"**Look:** {scene.look}" not in text
    for k in (scene.answer, scene.answer - 1):
        page.button_group(key=f"optimizers.guess-{scene.key}").set_value(scene.choices[k]).run()
        assert f"**Look:** {scene.look}" not in prose(page)
        page.number_input(key="optimizers.step").set_value(expected.num_steps).run()
        text = prose(page)
        assert f"**Look:** {scene.look}" in text
        assert ("Right." in text) == (k == scene.answer)
        assert f"Not so: {scene.choices[scene.answer]}." in text or k == scene.answer


def test_a_scene_that_is_changed_is_free_play(open_page: OpenPage) -> None:
    page = open_page("optimizers")
    page.number_input(key="optimizers.x0").set_value(2.0).run()
    assert "Free play" in prose(page)
    assert lit(page) == []


def test_reset_brings_all_but_the_seed_back(open_page: OpenPage) -> None:
    page = open_page("optimizers", link(surface="beale", seed=42, lr=0.2, clip=3.0, optimizers=("radam",)))
    page.number_input(key="optimizers.radam.beta1").set_value(0.3).run()
    page.button(key="optimizers.reset").click().run()
    assert config_on(healthy(page)) == RaceConfig(seed=42)


def test_new_seed_changes_the_seed_alone_and_the_same_way_for_everyone(open_page: OpenPage) -> None:
    values = link(surface="least-squares", x0=-1.5, y0=1.5, batch_size=1, seed=3)
    seeds = []
    for _ in range(2):
        page = open_page("optimizers", values)
        before = config_on(page)
        page.button(key="optimizers.new-seed").click().run()
        seeds.append(config_on(healthy(page)).seed)
        assert config_on(page) == dataclasses.replace(before, seed=seeds[-1])
    assert seeds[0] == seeds[1] != 3
    last = open_page("optimizers", {"seed": str(2**31 - 1)})
    last.button(key="optimizers.new-seed").click().run()
    healthy(last)


# Bad input, and runs that leave the numbers


BAD_FORMULAS = ["x +", "import os", "__import__('os')", "foo(x)", "log(-1 - x**2)", "", "z", "x = 1", "(" * 60, "1/0"]


def test_a_bad_formula_gets_one_sentence_and_the_earlier_picture_stays(open_page: OpenPage) -> None:
    page = open_page("optimizers", link(surface="formula", formula="x**2 + 3*y**2", x0=1.0, y0=1.0))
    before = message_on(healthy(page))
    for formula in BAD_FORMULAS:
        page.text_input(key="optimizers.formula").set_value(formula).run()
        assert not page.exception
        (error,) = page.error
        assert "\n" not in error.value.strip()
        assert "met an error" not in error.value
        assert "Traceback" not in error.value
        assert len(error.value) < 300
        assert message_on(page) == before, formula
    page.text_input(key="optimizers.formula").set_value("x**2 + 4*y**2").run()
    assert config_on(healthy(page)).formula == "x**2 + 4*y**2"


def test_without_optimizers_the_earlier_picture_stays(open_page: OpenPage) -> None:
    page = open_page("optimizers", link(lr=0.02))
    before = message_on(page)
    page.button_group(key="optimizers.optimizers").set_value([]).run()
    (error,) = page.error
    assert "choose at least one" in error.value
    assert message_on(page) == before
    page.button_group(key="optimizers.optimizers").set_value(["adam"]).run()
    assert config_on(healthy(page)).optimizers == ("adam",)


def test_a_linked_formula_that_is_none_still_shows_a_picture(open_page: OpenPage) -> None:
    page = open_page("optimizers", link(surface="formula", formula="import os"))
    assert not page.exception
    assert len(page.error) == 1
    assert len(message_on(page)) > 10_000


def test_a_run_that_diverges_keeps_its_finite_frames_and_names_what_left_first(open_page: OpenPage) -> None:
    page = healthy(open_page("optimizers", link(lr=0.11, optimizers=("sgd", "adam"))))
    trace = race(RaceConfig(lr=0.11, optimizers=("sgd", "adam")))
    step, what = trace.diverged["sgd"]
    paths = paths_on(page)
    assert np.isfinite(paths[:step]).all()
    assert np.isnan(paths[step:, 0]).all()
    assert np.isfinite(paths[:, 1]).all()
    _, stage, _ = stage_on(page)
    assert what == "w"
    assert f"SGD diverged at step {step}: its w passed 10⁸ in size first" in stage["note"]
    assert [line["note"] for line in stage["readouts"]] == [f"diverged at step {step}", ""]


@pytest.mark.parametrize(
    "values",
    [
        {"lr": 10.0, "layers": ("gradient", "ellipse")},
        {"surface": "beale", "x0": 1000.0, "y0": -1000.0, "lr": 10.0},
        {"schedule": "cosine", "layers": ("ellipse", "momentum")},
        {"surface": "formula", "formula": "x + y"},
        {"surface": "formula", "formula": "log(x) + sqrt(y)", "x0": 5.0, "y0": -5.0},
        {"surface": "saddle", "x0": 0.0, "y0": 0.0},
    ],
    ids=["diverging", "far", "cosine", "plane", "outside", "standing"],
)
def test_no_view_fails_on_the_wildest_settings(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, values: dict[str, Any]
) -> None:
    page = healthy(open_page("optimizers", link(**values)))
    for view in ("rates", "basins", "stability"):
        healthy(page.button_group(key="optimizers.view").set_value(view).run())


@pytest.mark.parametrize("surface", SURFACES)
def test_a_surface_brings_its_start_and_rate_and_every_view_of_it_opens(
    open_page: OpenPage, quiet_log: pytest.LogCaptureFixture, surface: str
) -> None:
    page = open_page("optimizers", link(optimizers=("sgd", "adam"), num_steps=30))
    healthy(page.selectbox(key="optimizers.surface").set_value(surface).run())
    config = config_on(page)
    told = config.make_surface()
    assert config.surface == surface
    if surface != "quadratic":  # where it was already
        assert (config.x0, config.y0) == told.start
        assert config.lr == pytest.approx(told.lr, rel=0.05)
    seen = {stage_on(page)[1]["views"][0]["key"]}
    for view in ("rates", "basins", "stability"):
        healthy(page.button_group(key="optimizers.view").set_value(view).run())
        if page.info:  # a view may have nothing to say here, but then it says so
            assert view == "stability"
            assert page.info[0].value.endswith(".")
        else:
            seen.add(stage_on(page)[1]["views"][0]["key"])
    assert seen >= {"contour", "sensitivity", "basins"}


# The lecture, and who else is here


def test_hidden_controls_hold_their_values(open_page: OpenPage) -> None:
    page = healthy(open_page("optimizers", link(lr=0.19), hide="lr,num_steps", lecture="1"))
    styles = " ".join(str(part.proto.body) for part in page.get("html"))
    assert ".st-key-optimizers-lr" in styles
    assert ".st-key-optimizers-num_steps" in styles
    assert config_on(page).lr == 0.19
    assert stage_on(page)[0]["lecture"] is True


def test_hide_takes_names_only(open_page: OpenPage) -> None:
    page = healthy(open_page("optimizers", {}, hide="lr}body{display:none,</style><script>,../x"))
    styles = " ".join(str(part.proto.body) for part in page.get("html"))
    assert "script" not in styles.replace("description", "")
    assert "body{display" not in styles


def test_readers_do_not_meet(open_page: OpenPage) -> None:
    values = {"surface": "least-squares", "x0": -1.5, "y0": 1.5, "batch_size": 1, "lr": 0.1, "num_steps": 50}
    first = open_page("optimizers", link(**values, seed=1))
    alone = message_on(first)
    second = open_page("optimizers", link(**values, seed=2))
    assert message_on(second) != alone
    second.slider(key="optimizers.num_steps").set_value(80).run()
    second.button(key="optimizers.scene-cliff").click().run()
    first.run()
    assert message_on(first) == alone
    assert config_on(first) == RaceConfig(**values, seed=1)
    np.testing.assert_array_equal(paths_on(first)[:, 0], race(RaceConfig(**values, seed=1)).w[:, 0].astype(np.float32))


def test_the_page_leaves_torch_as_it_was(open_page: OpenPage) -> None:
    torch.rand(3)
    state, dtype, threads = torch.get_rng_state(), torch.get_default_dtype(), torch.get_num_threads()
    page = open_page("optimizers", link(surface="logistic", x0=-2.0, y0=4.0, batch_size=4, noise=1.0, seed=8))
    for view in ("rates", "basins", "stability", "race"):
        page.button_group(key="optimizers.view").set_value(view).run()
    assert torch.equal(torch.get_rng_state(), state)
    assert (torch.get_default_dtype(), torch.get_num_threads()) == (dtype, threads)
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
