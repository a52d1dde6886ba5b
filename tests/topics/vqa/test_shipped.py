"""The networks that come with the app: they fit the questions of today, are small, and as good as said."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dlcore import checkpoints
from dlcore.datasets.aerial import ScenesConfig
from dlcore.datasets.aerial_questions import ANSWERS, TYPES, queries
from dlcore.topics.vqa import shipped, vocabulary
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.grading import ROWS, by_type, right
from dlcore.topics.vqa.heads import answers, joined
from dlcore.topics.vqa.nets import CELLS, CHANNELS
from dlcore.topics.vqa.sets import HELD, all_ids, batches
from dlcore.topics.vqa.shipped import BACKBONE, DISTANCE, MOST_BYTES, SEEDS, answerer, facts, features, name, reference

EVERY = [(key, seed) for key in FUSIONS for seed in SEEDS]


@pytest.mark.parametrize(("key", "seed"), EVERY)
def test_every_network_is_there_and_fits(key: str, seed: int) -> None:
    net, told = answerer(key, seed), facts(key, seed)
    assert (checkpoints.FOLDER / name(key, seed)).stat().st_size < MOST_BYTES
    assert tuple(told["vocabulary"]) == vocabulary.shared().words
    assert tuple(told["answers"]) == ANSWERS
    assert (told["fusion"], told["seed"]) == (key, seed)
    assert not net.training
    assert not any(parameter.requires_grad for parameter in net.parameters())
    assert net(torch.zeros(1, CHANNELS, CELLS, CELLS), all_ids()[:1]).isfinite().all()


@pytest.mark.parametrize("file", [BACKBONE, DISTANCE])
def test_the_other_files_are_small(file: str) -> None:
    assert (checkpoints.FOLDER / file).stat().st_size < MOST_BYTES


def test_three_seeds_are_three_networks_made_alike() -> None:
    for key in FUSIONS:
        told = [facts(key, seed) for seed in SEEDS]
        assert len({(one["num_steps"], one["num_scenes"]) for one in told}) == 1
        first = [next(answerer(key, seed).parameters()) for seed in SEEDS]
        assert not torch.equal(first[0], first[1])
        assert not torch.equal(first[1], first[2])


def test_networks_are_read_once() -> None:
    assert answerer("add", 1) is answerer("add", 1)
    assert shipped.backbone() is shipped.backbone()


@pytest.mark.slow
def test_they_are_as_good_on_the_held_scenes_as_their_files_say() -> None:
    """Accuracy in the files was measured on these scenes, with other scenes beside them: the questions differ."""
    held = joined(list(batches(ScenesConfig(num=200, seed=HELD), shipped.backbone())))
    for key in ("product", "attention", "blind"):
        rows = by_type(right(answers(answerer(key), held), held.answer), held.type.numpy())
        told = np.array([facts(key)["accuracy"][row] for row in ROWS])
        assert np.abs(rows - told)[-1] < 3
        assert np.abs(rows - told).max() < 7


def test_features_of_fresh_scenes_are_standardised_and_repeat() -> None:
    (part, *_) = batches(ScenesConfig(num=20, seed=44), shipped.backbone())
    assert part.features.shape == (20, CHANNELS, CELLS, CELLS)
    assert part.features.mean().item() == pytest.approx(0, abs=0.15)
    assert part.features.std().item() == pytest.approx(1, abs=0.2)
    images = torch.zeros(2, 96, 96, 3, dtype=torch.uint8)
    assert torch.equal(features(images)[0], features(images)[1])


def test_what_was_commonest_in_training_is_an_answer_to_that_question() -> None:
    told = facts("blind")
    assert len(told["majority"]) == len(TYPES)
    for query, commonest in zip(queries(), told["by_question"], strict=True):
        assert commonest in query.answers


def test_the_usual_distances_are_those_of_two_areas() -> None:
    known = reference()
    assert known["other"].median() > known["own"].median()


@pytest.mark.parametrize(("key", "seed"), [("glue", 0), ("product", 3), ("product", -1)])
def test_what_is_not_shipped_is_refused(key: str, seed: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        answerer(key, seed)


def test_a_network_for_other_answers_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told, tensors = checkpoints.read(checkpoints.FOLDER / name("add", 2))
    checkpoints.write(tmp_path / name("add", 2), tensors, {**told, "answers": ["yes", "no"]})
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path)
    answerer.cache_clear()
    with pytest.raises(ValueError, match="made for other answers: make it anew by python -m"):
        answerer("add", 2)
    with pytest.raises(ValueError, match="no checkpoint vqa_add_1"):
        answerer("add", 1)
