"""What stands below the fold of the depth view: every part is drawn, and says the present network's own numbers."""

import csv
import dataclasses
import io
import re
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from dlcore.numerals import digits
from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.backprop_scenes import SCENES
from dlcore.topics.depth import NUM_SEEDS, DepthConfig, measure
from dlcore.ui import backprop_text, depth_text

PARTS = list(depth_text.parts(DepthConfig(depth=1), measure(DepthConfig(depth=1))))


def page(part: str, settings: dict) -> None:
    """The script of a page that has one part alone."""
    from dlcore.topics.depth import DepthConfig, measure
    from dlcore.ui import depth_text

    config = DepthConfig(**settings)
    depth_text.parts(config, measure(config))[part]()


def drawn(part: str, **settings: Any) -> AppTest:
    app = AppTest.from_function(page, args=(part, settings), default_timeout=30).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.get("latex")])


def test_the_parts_have_the_names_that_the_walk_gives_them() -> None:
    walk: Any = None
    assert list(backprop_text.parts(walk, walk)) == PARTS


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "settings",
    [{}, {"depth": 1}, {"activation": "relu", "bias": -1.0}, {"activation": "tanh", "depth": 30, "gain": 4.0}],
    ids=["opening", "one layer", "dead", "deep"],
)
def test_every_part_is_drawn(part: str, settings: dict[str, Any]) -> None:
    text = words(drawn(part, **settings))
    assert text
    assert not re.search(r"\bnan\b", text)
    assert "no number" not in text


def test_the_scenes_on_depth_are_explained_and_no_others() -> None:
    app = drawn("Why it happens")
    deep = [scene.title for scene in SCENES if dict(scene.values).get("view") == "depth"]
    assert [expander.label for expander in app.expander] == deep
    assert len(deep) >= 4


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_maths_has_the_present_numbers(activation: str) -> None:
    settings: dict[str, Any] = {"activation": activation, "gain": 1.4, "depth": 12, "seed": 2}
    text, typical = words(drawn("The maths", **settings)), measure(DepthConfig(**settings)).typical
    for first, last in zip(typical[:, 0], typical[:, -1], strict=True):
        assert f" {digits(first / last)} |" in text
        assert f" {digits((first / last) ** (1 / 11))} |" in text
    for present in (
        f"sigmoid at most {digits(0.35)},",
        f"ReLU without bias {digits(0.7 * 2**0.5)}.",
        f"= {digits(0.35**11)}.",
        "12 layers of 32 units",
    ):
        assert present in text


def test_the_maths_has_a_dash_where_there_is_nothing_to_say() -> None:
    assert "| ReLU | — | — | — | — |" in words(drawn("The maths", activation="relu", bias=-1.0))
    assert "—" not in words(drawn("The maths"))
    assert "add layers" in words(drawn("The maths", depth=1))


def test_torchs_own_layers_begin_with_the_gain_that_the_maths_says() -> None:
    assert "0.58" in words(drawn("The maths"))
    with torch.random.fork_rng():
        weights = [nn.Linear(fan_in, 4000).weight * fan_in**0.5 for fan_in in (16, 64, 256)]
    assert [drawn.std().item() for drawn in weights] == pytest.approx([3**-0.5] * 3, rel=0.02)


def test_the_code_is_the_present_networks() -> None:
    (code,) = drawn("The code", activation="relu", gain=1.25, seed=6).code
    assert code.language == "python"
    for present in ("manual_seed(6)", "gain=1.25", "nn.ReLU()"):
        assert present in code.value


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_badge_is_good(activation: str) -> None:
    assert words(drawn("Check", activation=activation, depth=30)).startswith(":material/check_circle:")


def test_the_badge_warns_of_a_wrong_number(monkeypatch: pytest.MonkeyPatch) -> None:
    config = DepthConfig()
    trace = measure(config)
    wrong = dataclasses.replace(trace, grad_z=trace.grad_z * 1.0001)
    said: list[bool] = []
    monkeypatch.setattr("dlcore.ui.lesson.badge", lambda _sentence, *, good: said.append(good))
    for each in (trace, wrong):
        depth_text.parts(config, each)["Check"]()
    assert said == [True, False]


def test_the_table_has_every_number_of_the_trace() -> None:
    trace = measure(DepthConfig(depth=5, bias=-0.5, seed=9))
    rows = list(csv.DictReader(io.StringIO(depth_text.csv(trace))))
    assert len(rows) == 3 * NUM_SEEDS * 5
    for row in rows:
        place = ACTIVATIONS.index(row["activation"]), int(row["network"]) - 1, int(row["layer"]) - 1
        for name, measured in (("rms_a", trace.a), ("rms_grad_z", trace.grad_z), ("norm_grad_w", trace.grad_w)):
            assert float(row[name]) == measured[place]  # to the last digit
        assert row["dead"] == (str(trace.dead[place[1:]]) if row["activation"] == "relu" else "")
    assert len({(row["activation"], row["network"], row["layer"]) for row in rows}) == len(rows)


def test_the_table_is_offered_as_a_download() -> None:
    (button,) = drawn("Take it away").get("download_button")
    assert button.proto.id.endswith("backprop.depth-csv")
