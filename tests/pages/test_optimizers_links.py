"""The lesson's page and its address say the same, and so does what can be taken away."""

import csv
import io
from typing import Any

import numpy as np
import pytest

from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.programs import program
from tests.pages.optimizers_page import FIELDS, config_on, csv_of, link, paths_on
from tests.pages.stages import OpenPage, healthy, message_on, stage_on, toasts

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


SINGLE = ("surface", "x0", "lr", "num_steps", "seed", "view", "optimizers")


@pytest.mark.parametrize(("name", "value"), [*((name, INVALID[name]) for name in SINGLE), ("lr", "abc")])
def test_an_invalid_value_falls_back_and_complains_once(open_page: OpenPage, name: str, value: str) -> None:
    page = open_page("optimizers", {name: value})
    assert not page.exception
    (sentence,) = toasts(page)
    assert sentence.startswith(f"The link's {name} = “{value}” is not possible here; it is ")
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
