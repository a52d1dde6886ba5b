"""The lesson's page and its address say the same; what cannot be is told in a sentence; sessions do not meet."""

import csv
import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from dlcore.topics.arrows import LAYERS
from dlcore.topics.descent import RaceConfig, RaceTrace, race
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.optimizers_scenes import SCENES
from dlcore.topics.programs import program
from dlcore.topics.surfaces import SURFACES
from dlcore.ui import descent_rail, descent_text

OpenPage = Callable[..., AppTest]
FIELDS = [field.name for field in dataclasses.fields(RaceConfig) if field.name != "hyper"]
TITLES: dict[str, dict[Any, str]] = {
    "surface": descent_rail.SURFACE_TITLES,
    "rates": descent_rail.RATES,
    "schedule": descent_rail.SCHEDULE_TITLES,
    "batch_size": descent_rail.BATCHES,
    "optimizers": {name: rule.title for name, rule in OPTIMIZERS.items()},
    "layers": LAYERS,
}


def link(**values: Any) -> dict[str, str | list[str]]:
    """The values as the address writes them."""

    def text(name: str, value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        return TITLES[name][value] if name in TITLES else str(value)

    return {
        name: [text(name, item) for item in value] if isinstance(value, tuple) else text(name, value)
        for name, value in values.items()
    }


def config_on(page: AppTest) -> RaceConfig:
    return page.session_state["optimizers.good"]


def toasts(page: AppTest) -> list[str]:
    return [toast.value for toast in page.toast]


def message_on(page: AppTest) -> bytes:
    """The bytes that the player got."""
    (component,) = [part for part in page.get("bidi_component") if part.proto.component_name.endswith("player")]
    return component.proto.bytes


def header(message: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(message[:4], "little")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def stage_on(page: AppTest) -> tuple[dict[str, Any], dict[str, Any], list[np.ndarray]]:
    """The player's settings, the stage, and its arrays."""
    settings, rest = header(message_on(page))
    stage, body = header(rest)
    arrays = [
        np.frombuffer(body, entry["dtype"], int(np.prod(entry["shape"])), entry["offset"]).reshape(entry["shape"])
        for entry in stage["arrays"]
        if "pending" not in entry
    ]
    return settings, stage, arrays


def paths_on(page: AppTest) -> np.ndarray:
    """The paths that the contour draws, (frames, optimizers, 2)."""
    _, stage, arrays = stage_on(page)
    contour = next(view for view in stage["views"] if view["key"] == "contour")
    growing = [track["data"] for track in contour["tracks"] if track["kind"] == "grow"]
    return np.stack([np.stack([arrays[data[axis]["$"]] for axis in "xy"], axis=1) for data in growing], axis=1)


def healthy(page: AppTest) -> AppTest:
    assert not page.exception
    assert [error.value for error in page.error] == []
    return page


# The picture and the link


def test_it_opens_on_the_opening_scene_and_plays(open_page: OpenPage) -> None:
    page = healthy(open_page("optimizers"))
    assert page.title[0].value == "Optimizers"
    assert config_on(page) == RaceConfig()
    settings, stage, _ = stage_on(page)
    assert (settings["step"], settings["autoplay"], settings["lecture"]) == (0, True, False)
    assert stage["frames"] == 151
    assert toasts(page) == []
    np.testing.assert_array_equal(paths_on(page), race(RaceConfig()).w.astype(np.float32))


LINKS: dict[str, dict[str, Any]] = {
    "start and rate": {"x0": -1.2345678901234567, "y0": 2.5, "lr": 0.019, "num_steps": 320},
    "every optimizer": {"optimizers": tuple(OPTIMIZERS), "lr": 0.01},
    "another order": {"optimizers": ("sgd", "momentum-lecture", "radam"), "condition": 37.0},
    "noise and clipping": {"noise": 0.5, "noise_decay": 0.3, "clip": 2.5, "weight_decay": 0.02, "seed": 123456789},
    "a schedule": {"schedule": "step", "decay": 0.25, "period": 33},
    "warm restarts": {"schedule": "warm-restarts", "period": 20},
    "real data": {"surface": "least-squares", "x0": -1.5, "y0": 1.5, "batch_size": 32, "seed": 5, "num_steps": 100},
    "single samples": {"surface": "logistic", "x0": -2.0, "y0": 4.0, "batch_size": 1, "lr": 0.5, "seed": 9},
    "a formula": {"surface": "formula", "formula": "(x-1)**2 + 2*y**2 + sin(x*y)", "x0": 2.0, "y0": -1.0},
    "best rates": {"rates": "best", "num_steps": 30},
}
HYPERS: dict[str, dict[str, Any]] = {
    "own rates": {"rates": "own", "adam.lr": 0.3, "sgd.lr": 0.011, "momentum.lr": 0.05, "rmsprop.lr": 0.05},
    "hyper-parameters": {"adam.beta1": 0.5, "adam.beta2": 0.99, "adam.eps": 0.001, "momentum.mu": 0.5},
    "no correction": {"adam.correct": False, "rmsprop.gamma": 0.9},
}


@pytest.mark.parametrize("values", [*LINKS.values(), *HYPERS.values()], ids=[*LINKS, *HYPERS])
def test_the_link_gives_this_very_race(open_page: OpenPage, values: dict[str, Any]) -> None:
    page = healthy(open_page("optimizers", link(**values)))
    assert toasts(page) == []
    plain = {name: value for name, value in values.items() if name in FIELDS}
    hyper = tuple((name, float(value)) for name, value in values.items() if name not in FIELDS)
    expected = RaceConfig(**plain, hyper=hyper)
    found = config_on(page)
    if expected.rates == "own":  # on the page every chosen optimizer has a rate of its own
        assert {name: found.rate_of(name) for name in found.optimizers} == {
            name: expected.rate_of(name) for name in expected.optimizers
        }
    else:
        assert found == expected
    trace = race(expected)
    np.testing.assert_array_equal(paths_on(page), trace.w.astype(np.float32))
    assert csv_of(expected, trace) == csv_of(found, race(found))


def test_the_same_link_gives_the_same_bytes_to_every_reader(open_page: OpenPage) -> None:
    values = link(
        surface="least-squares", x0=-1.5, y0=1.5, batch_size=4, noise=0.2, seed=17, layers=("step", "ellipse")
    )
    first, second = (open_page("optimizers", values) for _ in range(2))
    assert message_on(first) == message_on(second)


INVALID = {
    "surface": "Moon",
    "x0": "1e9",
    "y0": "nan",
    "rates": "fast",
    "lr": "99",
    "num_steps": "5000",
    "seed": "-1",
    "clip": "-1",
    "schedule": "sometimes",
    "noise": "inf",
    "view": "Sea",
    "optimizers": "Sloth",
}


@pytest.mark.parametrize("name", ["surface", "x0", "lr", "optimizers"])
def test_an_invalid_value_falls_back_and_complains_once(open_page: OpenPage, name: str) -> None:
    page = open_page("optimizers", {name: INVALID[name]})
    assert not page.exception
    (sentence,) = toasts(page)
    assert sentence.startswith(f"The link's {name} = “{INVALID[name]}” is not possible here; it is ")
    page.run()
    assert toasts(page) == []  # once
    if name != "optimizers":  # there, what is left is nothing
        healthy(page)
        assert config_on(page) == RaceConfig()


def test_all_that_is_invalid_is_told_of_and_what_is_valid_holds(open_page: OpenPage) -> None:
    page = open_page("optimizers", {**INVALID, "condition": "30", "optimizers": "SGD", "wind": "north"})
    healthy(page)
    assert len(toasts(page)) == len(INVALID) - 1 + 1
    assert config_on(page) == RaceConfig(condition=30.0, optimizers=("sgd",))
    page.run()
    assert toasts(page) == []  # once, though “wind” is still in the address


@pytest.mark.parametrize("text", ["", "1e400", "9" * 400, "<script>alert(1)</script>"])
@pytest.mark.parametrize("name", ["seed", "x0", "view", "rates", "below"])
def test_no_link_breaks_the_page(open_page: OpenPage, name: str, text: str) -> None:
    page = open_page("optimizers", {name: text})
    assert not page.exception
    assert not [error.value for error in page.error if "met an error" in error.value or "None" in error.value]
    assert message_on(page)


def test_a_value_typed_is_not_a_complaint(open_page: OpenPage) -> None:
    page = open_page("optimizers")
    page.number_input(key="optimizers.x0").set_value(3.5).run()
    page.slider(key="optimizers.num_steps").set_value(200).run()
    assert toasts(page) == []
    assert config_on(page) == RaceConfig(x0=3.5, num_steps=200)


def test_a_linked_step_opens_there_and_does_not_play(open_page: OpenPage) -> None:
    settings, _, _ = stage_on(healthy(open_page("optimizers", {"step": "17"})))
    assert (settings["step"], settings["autoplay"]) == (17, False)


# What can be taken away


def csv_of(config: RaceConfig, trace: RaceTrace) -> str:
    return descent_text.csv(config, trace)


@pytest.mark.parametrize(
    "config",
    [
        RaceConfig(),
        RaceConfig(surface="logistic", x0=-2.0, y0=4.0, batch_size=7, noise=0.1, schedule="cosine", num_steps=40),
        RaceConfig(lr=0.11, optimizers=("sgd", "adam")),
        RaceConfig(surface="rosenbrock", x0=-1.2, y0=1.0, lr=1e-4, optimizers=tuple(OPTIMIZERS)),
    ],
    ids=["opening", "batches", "diverging", "everyone"],
)
def test_the_table_read_back_is_the_trace_to_the_last_digit(config: RaceConfig) -> None:
    trace = race(config)
    rows = list(csv.DictReader(io.StringIO(csv_of(config, trace))))
    frames = len(trace.steps)
    assert len(rows) == frames * len(config.optimizers)
    columns = {
        "lr": trace.lr,
        "x": trace.w[..., 0],
        "y": trace.w[..., 1],
        "loss": trace.loss,
        "gradient_x": trace.g[..., 0],
        "gradient_y": trace.g[..., 1],
        "delta_x": trace.delta[..., 0],
        "delta_y": trace.delta[..., 1],
        "distance": trace.distance,
    }
    for k, name in enumerate(config.optimizers):
        own = rows[k * frames : (k + 1) * frames]
        assert {row["optimizer"] for row in own} == {name}
        assert [int(row["step"]) for row in own] == trace.steps.tolist()
        assert [int(row["samples"]) for row in own] == trace.samples.tolist()
        for column, values in columns.items():
            np.testing.assert_array_equal([float(row[column]) for row in own], values[:, k], err_msg=column)
    assert set(rows[0]) == {"step", "samples", "optimizer", *columns}


def test_the_program_on_the_page_is_the_one_of_these_settings(open_page: OpenPage) -> None:
    values = {"surface": "rosenbrock", "x0": -1.2, "y0": 1.0, "lr": 0.001, "optimizers": ("sgd", "adamw"), "clip": 2.0}
    page = healthy(open_page("optimizers", {**link(**values), "below": "The code"}))
    config = RaceConfig(**values)
    (code,) = page.code
    assert code.value.strip() == program(config, config.make_surface()).strip()
    scope: dict[str, Any] = {}
    exec(compile(code.value, "the page", "exec"), scope)
    trace = race(config)
    for k, name in enumerate(config.optimizers):
        np.testing.assert_allclose(scope["paths"][name].numpy(), trace.w[:, k], rtol=0, atol=1e-9)


def test_every_tab_below_the_fold_opens_and_is_remembered_in_the_link(open_page: OpenPage) -> None:
    for name in ("Why it happens", "The maths", "The code", "Check", "Take it away", "Reading"):
        page = healthy(open_page("optimizers", {"below": name}))
        assert page.button_group(key="optimizers.below").value == name
        assert [toast for toast in toasts(page) if name != "Why it happens"] == []
    assert "Kingma" in "".join(text.value for text in page.markdown)


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
    text = " ".join(part.value for part in page.markdown)
    assert scene.question in text
    settings, _, _ = stage_on(page)
    assert settings["restart"] == 1
    lit = [button.key for button in page.button if button.proto.type == "primary"]
    assert lit == [f"optimizers.scene-{scene.key}"]
    # The answer comes only after a guess, and after the run was watched.
    assert page.button_group(key=f"optimizers.guess-{scene.key}").value is None
    assert f"**Look:** {scene.look}" not in text
    for k in (scene.answer, scene.answer - 1):
        page.button_group(key=f"optimizers.guess-{scene.key}").set_value(scene.choices[k]).run()
        assert f"**Look:** {scene.look}" not in " ".join(part.value for part in page.markdown)
        page.number_input(key="optimizers.step").set_value(expected.num_steps).run()
        text = " ".join(part.value for part in page.markdown)
        assert f"**Look:** {scene.look}" in text
        assert ("Yes." in text) == (k == scene.answer)
        assert f"No: {scene.choices[scene.answer]}." in text or k == scene.answer


def test_a_scene_that_is_changed_is_free_play(open_page: OpenPage) -> None:
    page = open_page("optimizers")
    page.number_input(key="optimizers.x0").set_value(2.0).run()
    assert "Free play" in " ".join(part.value for part in page.markdown)
    assert not [button.key for button in page.button if button.proto.type == "primary"]


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
