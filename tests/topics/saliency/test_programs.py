"""The programs that are shown are run, and give the page's numbers."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from dlcore import checkpoints
from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.images.pictures import Picture, own
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import METHODS, attribute
from dlcore.topics.saliency.programs import program
from dlcore.topics.saliency.settings import BASELINES, RULES, MethodSettings

EVERY = pytest.mark.parametrize("name", METHODS)
OBJECT = Subject(picture=Picture(label=4, seed=3))
DIGIT = Subject(picture=Picture(kind="digit", seed=5), model="digits")
FEW = MethodSettings(
    num_samples=5, noise=0.25, seed=9, num_steps=7, window=3, stride=2, num_regions=9, num_masks=61, regions="patches"
)


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that are untrained: the numbers must agree, whatever they say."""
    nets = {key: fresh(key, generator(1)).eval().requires_grad_(False) for key in ("plain", "digits")}

    def network(key: str) -> nn.Module:
        return nets[key]

    monkeypatch.setattr(checkpoints, "network", network)


def run(text: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(compile(text, "program", "exec"), scope)
    return scope


def assert_same(name: str, subject: Subject, target: Target, settings: MethodSettings) -> None:
    found = run(program(name, subject, target, settings))["attribution"]
    page = attribute(name, subject.network(), subject.image(), target, settings).values
    assert found.shape == page.shape
    assert torch.allclose(found, page, rtol=1e-3, atol=1e-4 * float(page.abs().max()))
    assert page.abs().max() > 0


@EVERY
def test_a_program_gives_the_pages_map(name: str) -> None:
    assert_same(name, OBJECT, Target(4), MethodSettings())


@EVERY
def test_with_other_settings_as_well(name: str) -> None:
    assert_same(name, DIGIT, Target(8, 3), FEW)


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("name", ["integrated", "occlusion", "lime", "shap"])
def test_from_every_baseline(name: str, baseline: str) -> None:
    settings = MethodSettings(baseline=baseline, seed=4, window=3, stride=2, num_regions=12, num_masks=40)
    assert_same(name, DIGIT, Target(2), settings)


@pytest.mark.parametrize("rule", RULES)
def test_with_every_rule(rule: str) -> None:
    assert_same("integrated", DIGIT, Target(2), MethodSettings(rule=rule, num_steps=5))


@pytest.mark.parametrize(
    "picture",
    [
        Picture(label=2, seed=1, shift=0.5, mark=True, strokes="red 3: 12,30 15,31"),
        Picture(kind="photo", photo="flower"),
        Picture(kind="grey"),
    ],
    ids=["painted", "photo", "grey"],
)
def test_of_every_kind_of_picture(picture: Picture) -> None:
    assert_same("gradient", Subject(picture=picture), Target(4), MethodSettings())


def test_the_readers_own_picture_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    monkeypatch.chdir(tmp_path)
    assert_same("input", Subject(picture=own(pixels, "grey 3: 12,30 15,31")), Target(4), MethodSettings())


@EVERY
def test_it_says_where_the_map_is_strongest(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(program(name, DIGIT, Target(8), FEW))
    strength = attribute(name, DIGIT.network(), DIGIT.image(), Target(8), FEW).magnitude
    said = re.search(r"strongest at row (\d+), column (\d+): ", capsys.readouterr().out)
    assert said
    assert float(strength[int(said[1]), int(said[2])]) == pytest.approx(float(strength.max()), rel=1e-3)


@EVERY
@pytest.mark.parametrize("baseline", BASELINES)
def test_every_line_fits_and_nothing_seeds_all_of_torch(name: str, baseline: str) -> None:
    text = program(name, OBJECT, Target(4, 2), MethodSettings(baseline=baseline))
    assert max(map(len, text.splitlines())) <= 120
    assert "torch.manual_seed(" not in text
    assert "{" not in text.replace('f"', "").partition("print")[0]
