"""The program for the Picture view is run, and answers as the page does."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets.pictures import PICTURES, picture
from dlcore.topics.filter_config import ONE, FilterConfig
from dlcore.topics.filter_programs import filter_program
from dlcore.topics.filtering import BANKS, luminance, respond
from dlcore.topics.kernels import KERNELS

CONFIGS: dict[str, dict[str, Any]] = {
    **{kernel: {"kernel": kernel} for kernel in KERNELS},
    **{name: {"name": name} for name in BANKS},
    **{f"{name}, true convolution": {"name": name, "flip": True} for name in (ONE, *BANKS)},
    **{f"{name}, stride 2": {"name": name, "stride": 2} for name in (ONE, *BANKS)},
    "an even kernel": {"kernel": "emboss", "size": 4},
    "an even kernel, stride 2": {"kernel": "emboss", "size": 4, "stride": 2},
    "a single cell": {"kernel": "blur", "size": 1},
    "dilated": {"kernel": "laplacian", "dilation": 3},
    "large edges": {"name": "edges", "size": 9},
    "a turned wave": {"kernel": "gabor", "size": 9, "wavelength": 6.5, "orientation": 37.5, "sigma": 2.25},
    "wide waves": {"name": "gabor", "wavelength": 7.5, "sigma": 4.5},
    "changed by hand": {"edits": "w0.0.1.1=2.5"},
}
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


def run(text: str) -> dict[str, Any]:
    """What a program leaves."""
    scope: dict[str, Any] = {}
    exec(compile(text, "program", "exec"), scope)
    return scope


def agree(scope: dict[str, Any], image: np.ndarray, config: FilterConfig) -> None:
    page = respond(image, config.filters().kernels, stride=config.stride, dilation=config.dilation)
    np.testing.assert_allclose(scope["x"].numpy(), luminance(image).numpy(), atol=1e-12)
    assert scope["answers"].shape == page.shape
    np.testing.assert_allclose(scope["answers"].numpy(), page, atol=1e-5)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_program_answers_as_the_page_does(name: str) -> None:
    config = FilterConfig(**CONFIGS[name])
    agree(run(filter_program("flower", config)), picture("flower"), config)


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_the_pages(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(picture(name)).save(tmp_path / "picture.png")
    monkeypatch.chdir(tmp_path)
    agree(run(filter_program(name, FilterConfig())), picture(name), FilterConfig())


def test_a_picture_of_ones_own_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    Image.fromarray(image).save(tmp_path / "picture.png")
    monkeypatch.chdir(tmp_path)
    agree(run(filter_program("", FilterConfig())), image, FilterConfig())


def test_the_program_prints_what_each_filter_answers(capsys: pytest.CaptureFixture[str]) -> None:
    scope = run(filter_program("china", FilterConfig(name="gabor")))
    printed = [float(number) for number in re.findall(r"-?\d[\d.e-]*", capsys.readouterr().out)]
    ends = [end for answer in scope["answers"].numpy() for end in (answer.min(), answer.max())]
    assert printed == pytest.approx(ends, rel=1e-3)
    assert len(ends) == 16


@pytest.mark.parametrize("name", CONFIGS)
def test_the_program_is_short_and_fits_the_panel(name: str) -> None:
    lines = filter_program("china", FilterConfig(**CONFIGS[name])).splitlines()
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 120
    assert not any(line != line.rstrip() for line in lines)
