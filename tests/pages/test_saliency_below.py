"""Below the fold of the page on saliency: reasons, maths and code with the present numbers, checks, files, reading."""

import csv
import io
import re
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlcore.topics.images.pictures import Picture
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.programs import program
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.ui.saliency_text import WHY
from tests.pages.saliency_page import DIGIT, QUICK, SLUG, STAGES, change, config_on, opened, run_on
from tests.pages.stages import OpenPage, healthy, prose


def below(page: AppTest, name: str) -> str:
    """What stands below the fold under this heading."""
    page = healthy(change(page, "below", name))
    return prose(page) + " ".join(part.value for part in page.code) + " ".join(part.value for part in page.latex)


def test_there_are_reasons_maths_code_checks_and_reading(open_page: OpenPage) -> None:
    page = open_page(SLUG)
    assert "**" in below(page, "Why it happens")
    assert r"\partial S" in below(page, "The maths")
    assert "import torch" in below(page, "The code")
    assert below(page, "Check").count(":material/check_circle:") == 2
    assert "1706.03825" in below(page, "Reading")


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_has_its_reasons_its_code_and_its_files(open_page: OpenPage, name: str) -> None:
    page = healthy(opened(open_page, **STAGES[name]))
    assert WHY[STAGES[name].get("view", "maps")] in prose(page)
    assert "import torch" in below(page, "The code")
    change(page, "below", "Take it away")
    titles = [button.proto.label for button in healthy(page).get("download_button")]
    assert titles == (["Maps as CSV"] if name == "maps" else []) + ["Numbers as CSV"]


def test_the_maths_has_the_present_numbers(open_page: OpenPage) -> None:
    page = opened(open_page, label="star", against="fish", noise=0.23, num_samples=25, seed=6)
    logits = Subject(picture=Picture(seed=6)).logits()
    said = below(page, "The maths")
    found = re.search(r"z_\\text\{star\} - z_\\text\{fish\} = (-?[\d.e-]+)", said)
    assert found
    assert float(found[1]) == pytest.approx(float(logits[1] - logits[9]), rel=1e-3)
    assert r"\sigma = 0.23,\; n = 25" in said


def test_there_is_a_program_of_every_method_with_the_present_settings(open_page: OpenPage) -> None:
    page = opened(open_page, below="The code", **QUICK, **DIGIT)
    config = config_on(page)
    for name in METHODS:
        (code,) = [part.value for part in healthy(change(page, "selected", name)).code]
        assert code == program(name, config.subject, config.subject.target(), config.settings).strip()
        assert 'network("digits")' in code


@pytest.mark.parametrize("values", [DIGIT, {"label": "star", "against": "fish"}], ids=["digit", "difference"])
def test_the_checks_hold(open_page: OpenPage, values: dict[str, Any]) -> None:
    check = below(opened(open_page, num_steps=200, **values), "Check")
    assert check.count(":material/check_circle:") == 2
    assert "with 200 steps" in check


def test_a_sum_of_too_few_steps_is_warned_of(open_page: OpenPage) -> None:
    check = below(opened(open_page, num_steps=2, rule="riemann_left"), "Check")
    assert ":material/warning:" in check
    assert "with 2 steps" in check


def test_files_have_the_numbers_of_the_run(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str] = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, *_, **__: files.update({label: data()}))
    page = healthy(opened(open_page, below="Take it away", **QUICK, **DIGIT))
    run = run_on(page)
    healthy(page.run())
    rows = list(csv.DictReader(io.StringIO(files["Maps as CSV"])))
    assert len(rows) == 64
    for name, frame in zip(METHODS, run, strict=True):
        values = np.array([float(row[name]) for row in rows]).reshape(8, 8)
        assert values == pytest.approx(np.asarray(frame.arrays["signed"], float), rel=1e-5)
    numbers = list(csv.DictReader(io.StringIO(files["Numbers as CSV"])))
    assert [float(row["inside"]) for row in numbers] == pytest.approx([frame.arrays["inside"] for frame in run], 1e-5)


def test_the_settings_of_the_rail_reach_the_methods(open_page: OpenPage) -> None:
    values = {"noise": 0.3, "num_samples": 10, "num_steps": 20, "rule": "riemann_left", "baseline": "blurred"}
    values |= {"window": 20, "stride": 10, "regions": "patches", "num_regions": 15, "num_masks": 100}
    page = healthy(opened(open_page, **values, noise_seed=8))
    assert config_on(page).settings == MethodSettings(**values, seed=8)
