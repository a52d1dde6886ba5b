"""Below the fold of the page on questions about pictures: reasons, maths, code, checks, files, reading."""

import csv
import io

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa import programs, run_programs
from dlcore.topics.vqa.distance import distance
from dlcore.topics.vqa.scenes import SCENES
from dlcore.ui import vqa_maths_text
from dlcore.ui import vqa_rail as rail
from dlcore.ui.vqa_stages import AT_ONCE, snapshots_of
from dlcore.ui.vqa_text import WHY
from tests.pages.stages import OpenPage, healthy, prose
from tests.pages.vqa_page import QUICK, SLUG, STAGES, change, config_on, opened, run_on


def below(page: AppTest, name: str) -> str:
    """What stands below the fold under this heading."""
    return prose(healthy(change(page, "below", name)))


def codes_on(page: AppTest) -> list[str]:
    """The programs that the page shows."""
    return [part.value for part in healthy(change(page, "below", "The code")).code]


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_has_its_reasons_its_maths_its_code_and_its_file(open_page: OpenPage, name: str) -> None:
    page = healthy(opened(open_page, **STAGES[name], **QUICK.get(name, {})))
    assert WHY[name] in prose(page)
    scenes = [scene for scene in SCENES if rail.shown({**rail.DEFAULTS, **dict(scene.values)}) == name]
    assert [part.label for part in page.expander] == [scene.title for scene in scenes]
    maths = below(page, "The maths")
    assert all(line in maths for line in vqa_maths_text.LINES.get(name, (vqa_maths_text.FUSIONS["product"],)))
    for code in codes_on(page):
        compile(code, "panel", "exec")
        assert max(map(len, code.splitlines())) <= 120
    change(page, "below", "Take it away")
    titles = [button.proto.label for button in healthy(page).get("download_button")]
    assert titles == ["Numbers as CSV"]


def test_the_reading_names_its_sources(open_page: OpenPage) -> None:
    reading = below(open_page(SLUG), "Reading")
    numbers = ("1505.00468", "2003.07333", "1606.01847", "1705.06676", "1511.02274", "1612.00837", "1612.06890")
    assert all(number in reading for number in numbers)


# Maths, code


def test_the_formulas_are_those_of_the_fusion(open_page: OpenPage) -> None:
    page = opened(open_page, below="The maths")
    for fusion in rail.titles():
        maths = prose(healthy(change(page, "fusion", fusion)))
        assert [key for key, line in vqa_maths_text.FUSIONS.items() if line in maths] == [fusion]


@pytest.mark.parametrize(
    ("fusion", "panels"),
    [("product", ["answer"]), ("mcb", ["answer", "sketch"]), ("attention", ["answer", "attention"])],
)
def test_the_programs_are_those_of_the_fusion(open_page: OpenPage, fusion: str, panels: list[str]) -> None:
    page = opened(open_page, fusion=fusion, asked="is there a lake", training="1")
    codes = codes_on(page)
    asked = config_on(page).asked
    assert codes == [programs.PROGRAMS[key][1](asked).strip() for key in panels]
    assert all(programs.PROGRAMS[key][0] in prose(page) for key in panels)
    assert "is there a lake" in codes[0]


def test_the_program_explains_the_answer_that_is_asked_for(open_page: OpenPage) -> None:
    page = opened(open_page, **STAGES["parts"], explain="7")
    (code,) = codes_on(page)
    config = config_on(page)
    assert config.answer == "7"
    assert code == programs.attribution(config.asked, "7").strip()
    assert code != programs.attribution(config.asked).strip()


@pytest.mark.parametrize("name", ["change", "table", "shift", "fusions", "train", "data"])
def test_the_program_is_that_of_the_present_run(open_page: OpenPage, name: str) -> None:
    page = opened(open_page, **STAGES[name], **QUICK.get(name, {}), seed=31)
    config, codes = config_on(page), codes_on(page)
    assert codes == [run_programs.PROGRAMS[type(config)](config).strip()]
    assert codes_on(change(page, "seed", 32)) != codes


# Checks


@pytest.mark.parametrize(
    "values",
    [{}, {"fusion": "attention", "asked": "zqxj lake"}, STAGES["table"] | QUICK["table"]],
    ids=["opening", "attention", "table"],
)
def test_the_checks_hold(open_page: OpenPage, values: dict[str, object]) -> None:
    check = below(opened(open_page, **values), "Check")
    assert check.count(":material/check_circle:") >= 4
    assert ":material/warning:" not in check


def test_how_far_the_picture_is_is_told(open_page: OpenPage) -> None:
    for domain in (0.0, 1.0):
        page = opened(open_page, domain=domain)
        found = distance(config_on(page).asked.sight)
        assert f"features are {found.value:.3g} away" in below(page, "Check")


# Files


def numbers_of(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The rows of the file that the page offers."""
    files: dict[str, str] = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, *_, **__: files.update({label: data()}))
    if not isinstance(config_on(page), AT_ONCE):
        run_on(page)
    healthy(page.run())
    return list(csv.DictReader(io.StringIO(files["Numbers as CSV"])))


@pytest.mark.parametrize("name", ["read", "parts", "change"])
def test_the_file_has_a_line_for_every_frame_and_no_pixels(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    page = opened(open_page, **STAGES[name], asked="is there a lake", changes="grey; colour", below="Take it away")
    config = config_on(page)
    run = snapshots_of(config, None)
    rows = numbers_of(page, monkeypatch)
    assert len(rows) == config.num_frames
    if name == "parts":
        sums = [float(np.asarray(frame.arrays["total"])) for frame in run]
        assert [float(row["total"]) for row in rows] == pytest.approx(sums, rel=1e-4)
    else:
        last = [float(rows[-1][f"chances.{place}"]) for place in range(len(ANSWERS))]
        assert last == pytest.approx(config.asked.chances().tolist(), rel=1e-3, abs=1e-6)
    assert not any(field.startswith(("picture", "pixels", "attention")) for field in rows[0])


def test_the_file_of_a_run_has_its_numbers(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(open_page, **STAGES["data"], **QUICK["data"], below="Take it away")
    rows = numbers_of(page, monkeypatch)
    run = run_on(page)
    assert len(rows) == len(run) == config_on(page).num_frames
    assert float(rows[-1]["count"]) == float(run[-1].arrays["count"])
    assert [float(rows[-1][f"majority.{k}"]) for k in range(5)] == pytest.approx(
        np.asarray(run[-1].arrays["majority"]).tolist(), rel=1e-4
    )
    assert not any(field.startswith("picture") for field in rows[0])
