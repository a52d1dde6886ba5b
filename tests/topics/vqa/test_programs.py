"""The programs that are shown are run, and give the page's numbers."""

from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import AttributionConfig, trace
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.programs import PROGRAMS, answer, attention, attribution, sketch
from dlcore.topics.vqa.reading import ReadingConfig
from dlcore.topics.vqa.reading import trace as read
from dlcore.topics.vqa.sight import Sight, own
from tests.topics.vqa.given import first, noise, village

SIGHTS = [
    first(village),
    Sight(seed=8, domain=0.75, edits="add boat 20 30; add house 70.5 12"),
    Sight(seed=2, grey=True),
]


def run(text: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(compile(text, "program", "exec"), scope)
    return scope


def asked(model: str = "product", sight: Sight = SIGHTS[1]) -> Asked:
    return Asked(sight=sight, question="Are there more houses than zebras?", model=model, seed=1)


@pytest.mark.parametrize("model", FUSIONS)
@pytest.mark.parametrize("sight", SIGHTS, ids=["drawn", "changed", "grey"])
def test_the_answer_is_the_pages(model: str, sight: Sight) -> None:
    given = asked(model, sight)
    left, page = run(answer(given)), read(ReadingConfig(asked=given))
    assert left["chances"].detach().numpy() == pytest.approx(page["chances"][-1], abs=1e-5)
    for name in ("v", "q", "fused"):
        assert (name in left) == (name in page)
        if name in left:
            assert left[name][0].detach().numpy() == pytest.approx(page[name][-1], abs=1e-4)


def test_it_says_the_five_best_answers(capsys: pytest.CaptureFixture[str]) -> None:
    run(answer(asked()))
    chances = asked().chances()
    best = (-chances).argsort()[:5]
    assert capsys.readouterr().out.splitlines() == [f"{ANSWERS[k]}: {chances[k]:.1%}" for k in best]


def test_the_readers_own_picture_is_read_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(noise(120, 150)).save(tmp_path / "picture.png")
    monkeypatch.chdir(tmp_path)
    given = asked("attention", own(noise(120, 150)))
    assert run(answer(given))["chances"].detach().numpy() == pytest.approx(given.chances(), abs=1e-5)


def test_both_ways_to_the_sketch_are_one() -> None:
    left = run(sketch(asked("add")))
    assert np.abs(left["sketch"].detach().numpy()).max() > 0.01
    assert left["sketch"][0].detach().numpy() == pytest.approx(left["expected"].detach().numpy(), abs=1e-4)


def test_the_attention_is_the_pages() -> None:
    left, page = run(attention(asked())), read(ReadingConfig(asked=asked("attention")))
    for number, glimpse in enumerate(left["attention"].detach().numpy()):
        assert 36 * np.kron(glimpse, np.ones((16, 16))) == pytest.approx(page[f"attention.{number}"][-1], abs=1e-4)


@pytest.mark.parametrize(("model", "baseline"), [*product(FUSIONS, ["grey"]), ("product", "mean")])
def test_the_attribution_is_the_pages(model: str, baseline: str) -> None:
    given = asked(model)
    left = run(attribution(given, baseline=baseline))
    page = trace(AttributionConfig(asked=given, baseline=baseline))
    for told, values in ((left["pixels"], page["pixels"][-1]), (left["told"], page["words"][-1])):
        assert told.numpy() == pytest.approx(values, abs=1e-3 * float(np.abs(values).max()))
    assert left["rise"].item() == pytest.approx(page["rise"][-1], abs=1e-3)


def test_another_answer_is_explained_where_it_is_asked_for() -> None:
    left = run(attribution(asked(), named="over 20 %"))
    page = trace(AttributionConfig(asked=asked(), answer="over 20 %"))
    assert left["rise"].item() == pytest.approx(page["rise"][-1], abs=1e-3)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("model", FUSIONS)
def test_a_program_is_short_and_asks_for_no_more_than_it_uses(name: str, model: str) -> None:
    text = PROGRAMS[name][1](replace(asked(model), sight=own(noise())))
    lines = text.splitlines()
    assert 12 <= len(lines) <= 48
    assert max(map(len, lines)) <= 120
    assert "\n\n\n\n" not in text
    for line in lines:
        if "import" in line:
            for imported in line.partition("import ")[2].split(", "):
                assert text.count(imported.split(" as ")[-1]) > 1, line
