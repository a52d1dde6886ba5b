"""Word by word: each frame against the network that is asked no more than that, and against the recurrence by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa.asked import RIGHT, UNKNOWN, Asked
from dlcore.topics.vqa.fusions import BLIND, DEAF, FUSIONS
from dlcore.topics.vqa.reading import ReadingConfig, asked_cells, frames, trace
from dlcore.topics.vqa.sight import own
from tests.topics.vqa.given import deserted, first, noise, village

QUESTION = "are there more houses than trees"


def asked(model: str = "product", question: str = QUESTION) -> Asked:
    return Asked(sight=first(village), model=model, question=question)


@pytest.mark.parametrize("model", FUSIONS)
def test_after_k_words_it_is_the_network_that_was_asked_k_words(model: str) -> None:
    whole = asked(model)
    found = trace(ReadingConfig(asked=whole))
    words = QUESTION.split()
    for k in range(1, len(words) + 1):
        part = replace(whole, question=" ".join(words[:k]))
        assert found["chances"][k] == pytest.approx(part.chances(), abs=1e-5)
        assert found["blind.chances"][k] == pytest.approx(part.blind.chances(), abs=1e-5)
    assert found["chances"] == pytest.approx(np.exp(found["logits"]) / np.exp(found["logits"]).sum(1, keepdims=True))


def test_the_state_is_the_recurrence_step_by_step() -> None:
    whole = asked()
    net, found = whole.network(), trace(ReadingConfig(asked=whole))
    assert net.gru
    assert net.embedding
    cell = torch.nn.GRUCell(net.gru.input_size, net.gru.hidden_size)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in net.gru.state_dict().items()})
    state = torch.zeros(1, net.gru.hidden_size)
    assert (found["hidden"][0] == 0).all()
    with torch.no_grad():
        for k, word in enumerate(whole.reading.ids, start=1):
            state = cell(net.embedding(torch.tensor([word])), state)
            assert found["hidden"][k] == pytest.approx(state[0].numpy(), abs=1e-5)


def test_the_picture_is_there_before_the_words_and_stays() -> None:
    found = trace(ReadingConfig(asked=asked()))
    assert (found["v"] == found["v"][:1]).all()
    assert np.abs(np.diff(found["q"], axis=0)).max(axis=1).min() > 1e-3
    assert found["fused"] == pytest.approx(found["v"] * found["q"], abs=1e-6)
    assert np.abs(found["v"]).max() <= 1


@pytest.mark.parametrize(("model", "absent"), [(BLIND, {"v"}), (DEAF, {"q", "hidden"}), ("add", set())])
def test_a_network_has_only_the_vectors_of_what_it_takes_in(model: str, absent: set[str]) -> None:
    assert {"v", "q", "hidden", "fused"} - trace(ReadingConfig(asked=asked(model))).keys() == absent


def test_attention_adds_up_and_its_share_is_that_of_the_map() -> None:
    whole = asked("attention")
    found = trace(ReadingConfig(asked=whole))
    maps = np.stack([found["attention.0"], found["attention.1"]])
    assert maps.shape[2:] == (96, 96)
    assert maps.mean(axis=(2, 3)) == pytest.approx(np.ones(maps.shape[:2]), abs=1e-5)
    cells = asked_cells(whole)
    assert cells is not None
    pixels = np.kron(cells, np.ones((16, 16), bool))
    assert found["mass"] == pytest.approx(maps[:, :, pixels].sum(axis=2).mean(axis=0) / 96**2, abs=1e-5)
    assert found["mass.chance"] == pytest.approx(pixels.mean(), abs=1e-6)


def test_the_cells_are_those_where_it_lies() -> None:
    sight = replace(first(deserted), edits="add house 40 72")  # the middle of the third cell, fifth row
    cells = asked_cells(Asked(sight=sight, question="are there any houses", model="attention"))
    assert cells is not None
    assert np.argwhere(cells).tolist() == [[4, 2]]


def test_no_share_is_known_where_nothing_lies_or_nobody_knows() -> None:
    boats = asked("attention", "are there any boats")
    unknown = [boats, replace(boats, sight=own(noise())), asked("attention", "where is it"), asked("product")]
    grey = asked("attention")
    for one in [*unknown, replace(grey, sight=replace(grey.sight, grey=True))]:
        found = trace(ReadingConfig(asked=one))
        assert np.isnan(found["mass"]).all()
        assert np.isnan(found["mass.chance"]).all()


def test_outcomes_are_judged_by_the_whole_question() -> None:
    whole = asked()
    found = trace(ReadingConfig(asked=whole))
    for outcome, chances in zip(found["outcome"], found["chances"], strict=True):
        assert (outcome == RIGHT) == (ANSWERS[int(chances.argmax())] == whole.truth)
    strange = trace(ReadingConfig(asked=replace(whole, question="why")))
    assert (strange["outcome"] == UNKNOWN).all()
    assert (strange["blind.outcome"] == UNKNOWN).all()


def test_frames_are_the_rows() -> None:
    config = ReadingConfig(asked=asked("attention"))
    shown, found = list(frames(config)), trace(config)
    assert len(shown) == config.num_frames == len(QUESTION.split()) + 1
    for name, values in found.items():
        assert np.array_equal(np.stack([frame.arrays[name] for frame in shown]), values, equal_nan=True)
