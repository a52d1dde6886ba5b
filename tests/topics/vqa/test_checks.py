"""The lesson's self-checks hold for every network, and notice what is not as it should be."""

from dataclasses import replace

import pytest
import torch

from dlcore.topics.vqa import checks, fusions
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import AttributionConfig, Way
from dlcore.topics.vqa.checks import against_captum, against_outer_product, facts, recounts
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.sight import Sight, own
from tests.topics.vqa.given import first, graph_of, noise, village

QUESTIONS = ["how many houses are there", "is there a lake", "where", "how much of the picture is water"]


@pytest.mark.parametrize(("model", "question"), [*zip(FUSIONS, 2 * QUESTIONS, strict=True), ("mcb", "is there a lake")])
def test_all_is_well(model: str, question: str) -> None:
    found = facts(Asked(sight=first(village), model=model, question=question))
    assert [fact.sentence for fact in found if not fact.good] == []
    assert len(found) == 5


def test_of_an_own_picture_nothing_is_counted() -> None:
    assert len(facts(Asked(sight=own(noise())))) == 4


def test_gradients_that_are_wrong_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    config = AttributionConfig(asked=Asked(sight=first(village)))
    right = checks.trace(config)
    monkeypatch.setattr(checks, "trace", lambda _: {**right, "pixels": 1.01 * right["pixels"]})
    assert against_captum(config) > 5e-3


def test_captum_is_not_given_our_slopes(monkeypatch: pytest.MonkeyPatch) -> None:
    config = AttributionConfig(asked=Asked(sight=first(village)))
    right = checks.trace(config)
    monkeypatch.setattr(checks, "trace", lambda _: right)
    monkeypatch.setattr(Way, "slopes", lambda *_: pytest.fail("the slopes were asked for"))
    assert against_captum(config) < 1e-4


def test_a_convolution_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "convolved", lambda a, b: fusions.convolved(a, b).roll(1, dims=1))
    assert against_outer_product(Asked(sight=first(village))) > 0.1


@pytest.mark.parametrize("domain", [0.0, 0.5, 1.0])
def test_patches_are_as_many_as_things(domain: float) -> None:
    counted = 0
    for seed in range(40):
        graph = graph_of(Sight(seed=seed, domain=domain))
        found = recounts(graph)
        assert found == {kind: graph.count(kind) for kind in found}
        counted += sum(found.values())
    assert counted > 50


def test_things_that_touch_are_left_out_and_one_that_is_hidden_is_missed() -> None:
    sight = first(village)
    house, tree = (graph_of(sight).of(kind)[0] for kind in ("house", "tree"))
    touching = replace(sight, edits=f"move {tree.name} {house.x:g} {house.y:g}")
    assert not {"house", "tree"} & recounts(graph_of(touching)).keys()


def test_a_graph_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "recounts", lambda graph: {"house": graph.count("house") + 1})
    assert not facts(Asked(sight=first(village)))[-1].good


def test_no_network_is_changed() -> None:
    asked = Asked(sight=first(village), model="mcb")
    before = {name: value.clone() for name, value in asked.network().state_dict().items()}
    facts(asked)
    assert all(torch.equal(value, before[name]) for name, value in asked.network().state_dict().items())
