"""What the backbone is taught, counted once more from the scene, and that it learns it."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.datasets.aerial import KINDS, SIDE, THINGS, Graph, SceneConfig, labels, layout, shares
from dlcore.device import generator
from dlcore.topics.vqa.nets import CELLS, CHANNELS, floats
from dlcore.topics.vqa.pretraining import (
    TAUGHT,
    WIDTH,
    PretrainingConfig,
    Scale,
    Views,
    attributes_of,
    learn,
    relit,
    view,
)

LENGTH = len(THINGS)


def scenes(num: int, first: int = 0) -> list[Graph]:
    return [layout(SceneConfig(seed=first + number)) for number in range(num)]


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), domain=st.sampled_from([0.0, 0.5, 1.0]))
def test_all_cells_together_hold_the_counts_and_the_shares(seed: int, domain: float) -> None:
    graph = layout(SceneConfig(seed=seed, domain=domain))
    taught = attributes_of(graph)
    assert taught.shape == (TAUGHT, CELLS, CELLS)
    assert taught[:LENGTH].sum(axis=(1, 2)).tolist() == pytest.approx([graph.count(kind) for kind in THINGS], abs=1e-4)
    known = shares(graph)
    wanted = [known["field"], *(known[kind] for kind in KINDS)]
    assert taught[LENGTH:].mean(axis=(1, 2)).tolist() == pytest.approx(wanted, abs=1e-5)
    assert np.allclose(taught[LENGTH:].sum(axis=0), 1, atol=1e-5)


def test_a_thing_counts_most_where_it_is() -> None:
    """The mean place of the cells, weighed by what counts there, is the thing's own, away from the edges."""
    middles = (np.arange(CELLS) + 0.5) * WIDTH
    seen = 0
    for graph in scenes(30):
        for row, kind in enumerate(THINGS):
            if graph.count(kind) == 1:
                (thing,) = graph.of(kind)
                taught = attributes_of(graph)[row]
                wanted = np.clip([thing.x, thing.y], middles[0], middles[-1])
                assert [taught.sum(axis=0) @ middles, taught.sum(axis=1) @ middles] == pytest.approx(wanted, abs=1e-3)
                seen += 1
    assert seen > 5


def test_the_shares_of_a_cell_are_those_of_its_pixels() -> None:
    (graph,) = scenes(1, first=8)
    taught, seen = attributes_of(graph), labels(graph)
    for down, along in ((0, 0), (2, 4), (5, 5)):
        cell = seen[WIDTH * down : WIDTH * (down + 1), WIDTH * along : WIDTH * (along + 1)]
        wanted = [(cell == place).mean() for place in range(len(KINDS) + 1)]
        assert taught[LENGTH:, down, along].tolist() == pytest.approx(wanted, abs=1e-6)


def test_the_loss_of_knowing_nothing_but_the_mean_is_two() -> None:
    attributes = torch.rand(50, TAUGHT, CELLS, CELLS, generator=generator(0)) ** 2
    scale = Scale.of(attributes)
    assert scale.loss(torch.zeros_like(attributes), attributes).item() == pytest.approx(2, abs=0.05)
    assert scale.loss((attributes - scale.mean) / scale.std, attributes).item() == pytest.approx(0, abs=1e-10)


def test_the_light_changes_whole_pictures_and_colours_alone() -> None:
    images = torch.rand(3, 3, SIDE, SIDE, generator=generator(0))
    assert torch.equal(relit(images, 0.0, generator(1)), images)
    lit = relit(images, 0.2, generator(1))
    for image, other in zip(images.flatten(0, 1), lit.flatten(0, 1), strict=True):
        assert np.corrcoef(image.flatten(), other.flatten())[0, 1] == pytest.approx(1, abs=1e-5)
    assert 0.01 < (lit - images).abs().mean() < 0.2


@pytest.fixture(scope="module")
def views() -> Views:
    return view(scenes(80))


def test_it_learns_and_ends_frozen_and_standardised(views: Views) -> None:
    config = PretrainingConfig(num_scenes=80, num_epochs=5, batch_size=16, lr=1e-2, jitter=0.0)
    moments, backbones = zip(*learn(views, config), strict=True)
    assert [moment.step for moment in moments] == list(range(1, 26))
    assert moments[0].loss > 1.5
    assert np.mean([moment.loss for moment in moments[-5:]]) < 1.4
    backbone = backbones[-1]
    assert not any(parameter.requires_grad for parameter in backbone.parameters())
    assert not backbone.training
    seen = backbone(floats(views.images))
    assert seen.shape == (80, CHANNELS, CELLS, CELLS)
    assert torch.allclose(seen.mean(dim=(0, 2, 3)), torch.zeros(CHANNELS), atol=1e-3)
    assert torch.allclose(seen.std(dim=(0, 2, 3)), torch.ones(CHANNELS), atol=1e-2)


def test_the_same_settings_give_the_same_backbone(views: Views) -> None:
    config = PretrainingConfig(num_scenes=64, num_epochs=1, batch_size=32)
    ends = []
    for _ in range(2):
        *_, (_, backbone) = learn(views, config)
        ends.append(backbone.state_dict())
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [("num_scenes", 10), ("num_epochs", 0), ("batch_size", 1), ("lr", 0.0), ("weight_decay", 2.0), ("jitter", -0.1)],
)
def test_bad_settings_are_refused(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        PretrainingConfig(**{field: value})
