"""Below the fold of the page on adversarial examples: reasons, maths, code, checks, files, reading of every stage."""

import csv
import io
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.scenes import SCENES
from dlcore.training import Snapshot
from dlcore.ui import adversarial_rail as rail
from dlcore.ui.adversarial_maths_text import LINES
from dlcore.ui.adversarial_text import WHY
from tests.pages.adversarial_page import DIGIT, QUICK, SLUG, STAGES, change, config_on, opened, run_on
from tests.pages.stages import OpenPage, healthy, prose


def below(page: AppTest, name: str) -> str:
    """What stands below the fold under this heading."""
    page = healthy(change(page, "below", name))
    return prose(page)


def code_on(page: AppTest) -> str:
    (code,) = [part.value for part in healthy(change(page, "below", "The code")).code]
    return code


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_has_its_reasons_its_maths_its_code_and_its_files(open_page: OpenPage, name: str) -> None:
    page = healthy(opened(open_page, **STAGES[name], **QUICK.get(name, {})))
    assert WHY[name] in prose(page)
    scenes = [scene for scene in SCENES if rail.shown({**rail.DEFAULTS, **dict(scene.values)}) == name]
    assert [part.label for part in page.expander] == [scene.title for scene in scenes]
    maths = below(page, "The maths")
    assert all(line in maths for line in LINES[name])
    code = code_on(page)
    compile(code, "panel", "exec")
    assert max(map(len, code.splitlines())) <= 120
    change(page, "below", "Take it away")
    titles = [button.proto.label for button in healthy(page).get("download_button")]
    assert titles == ([] if name == "illusion" else ["Numbers as CSV"])


def test_the_reading_names_its_sources(open_page: OpenPage) -> None:
    reading = below(open_page(SLUG), "Reading")
    assert all(number in reading for number in ("1312.6199", "1412.6572", "1706.06083", "1511.04599", "1610.08401"))


# Code


@pytest.mark.parametrize("values", [{}, {"method": "fgsm"}, {"norm": "l2", "most_l2": 255.0}, {"aim": "7"}])
def test_the_program_of_the_growing_attack_gives_the_numbers_on_screen(
    open_page: OpenPage, values: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    page = opened(open_page, **{**DIGIT, "num_steps": 3, **values})
    run, scope = run_on(page), {}
    exec(compile(code_on(page), "panel", "exec"), scope)
    for name, computed in (("chances", scope["chances"]), ("noise.chances", scope["noise_chances"])):
        wanted = np.array([frame.arrays[name] for frame in run], float)
        # The sign of a slope that is next to nothing depends on how many pictures are asked at once.
        np.testing.assert_allclose(np.asarray(computed), wanted, atol=0.02)
    assert capsys.readouterr().out.count("\n") == len(run)


def test_the_program_is_that_of_the_present_settings(open_page: OpenPage) -> None:
    page = opened(open_page, num_steps=7, step_share=0.35, most=8.0, noise_seed=31)
    code = code_on(page)
    assert all(part in code for part in ("range(7)", "0.35", "8.0", "manual_seed(31)", 'network("noiseless")'))
    assert code_on(change(page, "method", "fgsm")) != code


# Checks


@pytest.mark.parametrize(
    ("values", "sign", "epsilon"),
    [({}, "‖δ‖∞", 4), ({"norm": "l2", "epsilon_l2": 64.0}, "‖δ‖₂", 64), ({"epsilon": 16.0, "aim": "boat"}, "‖δ‖∞", 16)],
    ids=["pixel", "length", "aimed"],
)
def test_the_checks_hold(open_page: OpenPage, values: dict[str, Any], sign: str, epsilon: int) -> None:
    check = below(opened(open_page, num_steps=2, **values), "Check")
    assert check.count(":material/check_circle:") == 3
    assert ":material/warning:" not in check
    assert f"At ε = 0 each of the {len(ATTACKS)} attacks gives back the very same pixels" in check
    assert f"At ε = {epsilon} the largest {sign} of the {len(ATTACKS)} attacks is" in check
    assert "all are colours that there are" in check


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_has_its_checks(open_page: OpenPage, name: str) -> None:
    page = opened(open_page, **{**STAGES[name], **DIGIT, "num_steps": 2})
    assert below(page, "Check").count(":material/check_circle:") == 3


# Files


def numbers_of(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> tuple[list[dict[str, str]], list[Snapshot]]:
    """The rows of the file that the page offers, and the run."""
    files: dict[str, str] = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, *_, **__: files.update({label: data()}))
    run = run_on(page)
    healthy(page.run())
    return list(csv.DictReader(io.StringIO(files["Numbers as CSV"]))), run


def test_the_file_of_an_attack_has_a_line_for_every_strength(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = healthy(opened(open_page, below="Take it away", **QUICK["sweep"]))
    rows, run = numbers_of(page, monkeypatch)
    assert [float(row["epsilon"]) for row in rows] == pytest.approx(config_on(page).epsilons, rel=1e-4)
    for name in ("chance", "noise.chance", "linf", "l2", "outcome"):
        assert [float(row[name]) for row in rows] == pytest.approx([frame.arrays[name] for frame in run], rel=1e-4)
    assert float(rows[5]["chances.3"]) == pytest.approx(np.asarray(run[5].arrays["chances"])[3], rel=1e-4)
    assert not any(name.startswith(("delta", "picture")) for name in rows[0])


def test_the_file_of_a_table_has_its_cells(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    page = healthy(opened(open_page, below="Take it away", **STAGES["transfer"], **QUICK["transfer"]))
    rows, run = numbers_of(page, monkeypatch)
    last = run[-1].arrays["fooled"]
    assert last.shape == (4, 3)
    assert [[float(rows[-1][f"fooled.{i}.{j}"]) for j in range(3)] for i in range(4)] == [
        pytest.approx(row, rel=1e-4) for row in last.tolist()
    ]
