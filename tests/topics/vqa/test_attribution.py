"""Integrated gradients of pixels and words at once: against captum, against differences, and what they add up to."""

import copy
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa import shipped
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import (
    NUM_STEPS,
    AttributionConfig,
    Way,
    as_image,
    baseline,
    frames,
    midpoints,
    trace,
)
from dlcore.topics.vqa.fusions import BLIND, DEAF, JOINING
from dlcore.topics.vqa.nets import Answerer
from tests.topics.vqa.given import first, village

QUESTION = "are there more houses than trees"


def config(model: str = "product", **fields: str) -> AttributionConfig:
    return AttributionConfig(asked=Asked(sight=first(village), model=model, question=QUESTION), **fields)


class Whole(nn.Module):
    """Backbone and answerer as one network of pixels and ids, as captum wants it."""

    def __init__(self, answerer: Answerer) -> None:
        super().__init__()
        self.pixels, self.backbone, self.answerer = nn.Identity(), shipped.backbone(), answerer

    def forward(self, images: Tensor, ids: Tensor) -> Tensor:
        return self.answerer(self.backbone(self.pixels(images)), ids)


@pytest.mark.filterwarnings("ignore:Multiple layers provided")  # which is what is meant
@pytest.mark.parametrize(("model", "start"), [*product(JOINING, ["grey"]), ("product", "mean")])
def test_captum_finds_the_same_from_pixels_and_padding(model: str, start: str) -> None:
    from captum.attr import LayerIntegratedGradients

    given = config(model, baseline=start)
    net, asked = Whole(copy.deepcopy(given.asked.network())), given.asked
    image = as_image(asked.sight.picture())
    assert net.answerer.embedding
    both = [net.pixels, net.answerer.embedding]
    layers = LayerIntegratedGradients(net, both)  # pyright: ignore[reportArgumentType]  captum takes such a list
    by_pixel, by_word = layers.attribute(
        (image, asked.ids),
        (baseline(start), torch.zeros_like(asked.ids)),
        target=given.place,
        n_steps=NUM_STEPS,
        method="riemann_middle",
        internal_batch_size=NUM_STEPS,
    )
    found = trace(given)
    assert isinstance(by_pixel, Tensor)
    assert isinstance(by_word, Tensor)
    for name, theirs in (("pixels", by_pixel[0].sum(dim=0)), ("words", by_word[0].sum(dim=1))):
        ours = found[name][-1]
        assert ours == pytest.approx(theirs.detach().numpy(), abs=1e-3 * float(np.abs(ours).max()))


def test_the_slopes_are_those_of_differences() -> None:
    """Along the way of the pixels alone, and of the words alone, in float64."""
    way, step = Way(config()), 1e-6
    way.backbone, way.net = copy.deepcopy(way.backbone).double(), copy.deepcopy(way.net).double()
    way.image, way.start, way.words = way.image.double(), way.start.double(), way.words.double()
    slopes = way.slopes(torch.tensor([0.3], dtype=torch.float64))
    image, words = way.start + 0.3 * (way.image - way.start), 0.3 * way.words
    with torch.no_grad():
        nudge = step * (way.image - way.start)
        pixels = (way.score(image + nudge, words) - way.score(image - nudge, words)) / (2 * step)
        nudge = step * way.words
        told = (way.score(image, words + nudge) - way.score(image, words - nudge)) / (2 * step)
    assert float(slopes.pixels.sum()) == pytest.approx(float(pixels), rel=1e-4, abs=1e-6)
    assert float(slopes.words.sum()) == pytest.approx(float(told), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("model", [*JOINING, BLIND, DEAF])
def test_totals_and_gap_are_of_the_maps(model: str) -> None:
    given = config(model)
    found = trace(given)
    seen, told = found["pixels"].sum(axis=(1, 2)), found["words"].sum(axis=1)
    assert found["total.pixels"] == pytest.approx(seen, abs=1e-3)
    assert found["total.words"] == pytest.approx(told, abs=1e-3)
    assert found["total"] == pytest.approx(seen + told, abs=2e-3)
    assert found["gap"] == pytest.approx(found["total"] - found["rise"], abs=1e-4)
    shares = np.abs(told[1:]) / (np.abs(told[1:]) + np.abs(seen[1:]))
    assert found["share.words"][1:] == pytest.approx(shares, abs=1e-3)
    assert np.isnan(found["share.words"][0])


def test_it_begins_with_nothing_and_goes_through_the_midpoints() -> None:
    found = trace(config())
    assert not found["pixels"][0].any()
    assert not found["words"][0].any()
    assert found["alpha"][0] == 0
    assert found["alpha"][1:] == pytest.approx(midpoints().numpy())
    assert np.diff(found["alpha"][1:]) == pytest.approx(np.full(NUM_STEPS - 1, 1 / NUM_STEPS))
    assert len(list(frames(config()))) == AttributionConfig.num_frames == NUM_STEPS + 1


def test_the_rise_is_from_a_grey_picture_and_silence_to_the_answer() -> None:
    given = config()
    net, asked = given.asked.network(), given.asked
    assert net.embedding
    with torch.no_grad():
        grey = shipped.backbone()(torch.full((1, 3, 96, 96), 0.5))
        silence = torch.zeros(1, asked.ids.shape[1], net.embedding.embedding_dim)
        nothing = net.parts_of(grey, silence, torch.tensor([asked.ids.shape[1]])).logits[0]
        all_ = net(asked.sight.features(), asked.ids)[0]
    rises = (all_ - nothing).numpy()
    assert trace(given)["rise"][-1] == pytest.approx(rises[ANSWERS.index(asked.answer)], abs=1e-3)
    assert trace(config(answer="left"))["rise"][-1] == pytest.approx(rises[ANSWERS.index("left")], abs=1e-3)


def test_who_is_blind_owes_nothing_to_pixels_and_who_is_deaf_nothing_to_words() -> None:
    blind, deaf = trace(config(BLIND)), trace(config(DEAF))
    assert not blind["pixels"].any()
    assert blind["share.words"][1:] == pytest.approx(1)
    assert not deaf["words"].any()
    assert deaf["words"].shape == (NUM_STEPS + 1, len(QUESTION.split()))
    assert deaf["share.words"][1:] == pytest.approx(0)


def test_the_mean_scene_is_no_single_one() -> None:
    mean = baseline("mean")
    assert mean.shape == (1, 3, 96, 96)
    assert 0.2 < float(mean.mean()) < 0.7
    assert float(mean.std(dim=(2, 3)).max()) < 0.5 * float(as_image(first(village).picture()).std(dim=(2, 3)).max())


def test_a_baseline_or_answer_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="baseline is 'black'"):
        config(baseline="black")
    with pytest.raises(ValueError, match="answer is 'maybe'"):
        config(answer="maybe")
