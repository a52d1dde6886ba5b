"""Occlusion, LIME and SHAP against loops by hand, exact Shapley values, and networks that are sums."""

from collections.abc import Callable
from itertools import islice

import pytest
import torch
from torch import Tensor

from dlcore.topics.images.targets import Target, score
from dlcore.topics.saliency.perturbations import (
    coalitions,
    coin_masks,
    efficient_fit,
    kernel_shap,
    lime,
    nearness,
    occlusion,
)
from dlcore.topics.saliency.regions import grid
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.small_nets import Function, SmallNet, linear, pictures

NET = SmallNet(channels=3, seed=1)
IMAGE = pictures(1, 3, 12, seed=2)[0]
GREY = torch.full_like(IMAGE, 0.5)
TARGET = Target(1, 2)
PATCHES = grid(12, 12, 6)


def linear_shares(image: Tensor, baseline: Tensor, regions: Tensor) -> tuple[torch.nn.Module, Tensor]:
    """A linear network, and what each region adds to its score: Σ w (x − baseline) over the region."""
    net = linear(3, 12, seed=3)
    weight = (net[1].weight[1] - net[1].weight[2]).reshape(3, 12, 12)  # pyright: ignore[reportIndexIssue]
    added = (weight * (image - baseline)).sum(dim=0)
    return net, torch.stack([added[regions == number].sum() for number in regions.unique()])


@pytest.mark.parametrize(("window", "stride"), [(1, 1), (3, 2), (4, 4), (5, 3), (12, 1)])
def test_occlusion_is_the_mean_fall_over_the_windows_on_a_pixel(window: int, stride: int) -> None:
    fall, count = torch.zeros(12, 12), torch.zeros(12, 12)
    starts = [start for start in range(0, 12, stride) if start - stride + window < 12]  # the last one may be cut off
    for top in starts:
        for left in starts:
            covered = IMAGE.clone()
            place = (slice(top, top + window), slice(left, left + window))
            covered[:, *place] = GREY[:, *place]
            both = score(NET(torch.stack([IMAGE, covered])), TARGET)
            fall[place] += both[0] - both[1]
            count[place] += 1
    found = occlusion(NET, IMAGE, TARGET, GREY, MethodSettings(window=window, stride=stride))
    assert found.shape == (1, 12, 12)
    assert torch.allclose(found[0], fall / count, atol=3e-5)  # of logits of about 30


def test_a_window_larger_than_the_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="window is 13: the picture has only 12 × 12 pixels"):
        occlusion(NET, IMAGE, TARGET, GREY, MethodSettings(window=13))


@pytest.mark.parametrize("num_masks", [30, 31, 401])
def test_of_a_sum_shap_finds_the_very_terms(num_masks: int) -> None:
    net, shares = linear_shares(IMAGE.double(), GREY.double(), PATCHES)
    settings = MethodSettings(num_masks=num_masks)
    found = kernel_shap(net, IMAGE.double(), TARGET, GREY.double(), PATCHES, settings)
    assert torch.allclose(found, shares.float(), atol=1e-4)


def test_of_a_sum_lime_finds_the_terms_but_for_its_penalty() -> None:
    net, shares = linear_shares(IMAGE.double(), GREY.double(), PATCHES)
    found = lime(net, IMAGE.double(), TARGET, GREY.double(), PATCHES, MethodSettings(num_masks=5000))
    assert torch.allclose(found, shares.float(), rtol=0.01, atol=0.01)


def test_shap_comes_close_to_the_exact_shapley_values() -> None:
    """Captum's go through all 720 orders of six regions; the network is far from a sum."""
    from captum.attr import ShapleyValues

    exact = ShapleyValues(lambda inputs: score(NET(inputs), TARGET)).attribute(
        IMAGE[None], baselines=GREY[None], feature_mask=PATCHES[None, None], perturbations_per_eval=8
    )
    expected = torch.stack([exact[0, 0][number == PATCHES][0] for number in range(6)])
    for seed in range(3):
        found = kernel_shap(NET, IMAGE, TARGET, GREY, PATCHES, MethodSettings(num_masks=800, seed=seed))
        assert (found - expected).abs().max() < 0.02 * expected.abs().max()


@pytest.mark.parametrize("num_masks", [10, 50, 400])
def test_shares_of_shap_add_up_however_few_masks_there_are(num_masks: int) -> None:
    regions = grid(12, 12, 36)
    found = kernel_shap(NET, IMAGE, TARGET, GREY, regions, MethodSettings(num_masks=num_masks))
    both = score(NET(torch.stack([IMAGE, GREY])), TARGET)
    assert float(found.sum()) == pytest.approx(float(both[0] - both[1]), abs=1e-5)


def test_a_region_that_does_not_count_gets_nothing() -> None:
    left = Function(lambda images: images[..., :6].square().sum(dim=(1, 2, 3)))
    halves = torch.arange(12).expand(12, 12) // 6 + 2 * (torch.arange(12)[:, None] // 4)  # odd numbers on the right
    for method in (lime, kernel_shap):
        found = method(left, IMAGE, Target(0), GREY, halves, MethodSettings(num_masks=500))
        assert found[[1, 3, 5]].abs().max() < 0.05 * found[[0, 2, 4]].abs().max()


@pytest.mark.parametrize("method", [lime, kernel_shap])
def test_masks_are_those_of_the_seed(method: Callable[..., Tensor]) -> None:
    one, same, other = (
        method(NET, IMAGE, TARGET, GREY, grid(12, 12, 30), MethodSettings(num_masks=60, seed=seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_lime_asks_first_about_the_whole_picture_and_then_tosses_coins() -> None:
    masks = torch.cat([*islice(coin_masks(9, seed=1), 3000)])
    assert masks[0].tolist() == [1] * 9
    assert torch.allclose(masks[1:].float().mean(dim=0), torch.tensor(0.5), atol=0.05)


def test_shap_asks_in_pairs_and_as_often_as_its_kernel_weighs() -> None:
    masks = torch.cat([*islice(coalitions(5, seed=1), 6002)])
    assert masks[:2].sum(dim=1).tolist() == [5, 0]
    assert (masks[2::2] + masks[3::2] == 1).all()
    sizes = masks[2:].sum(dim=1).bincount(minlength=6) / 6000
    kernel = torch.tensor([0, 1 / 4, 1 / 6, 1 / 6, 1 / 4, 0])  # 1 / (k (5 − k))
    assert torch.allclose(sizes, kernel / kernel.sum(), atol=0.02)
    assert torch.allclose(masks[2:].float().mean(dim=0), torch.tensor(0.5), atol=0.02)


def test_a_mask_counts_less_the_more_it_covers() -> None:
    weights = [float(nearness(torch.tensor([[1] * on + [0] * (8 - on)]))) for on in range(9)]
    assert weights == sorted(weights)
    assert weights[-1] == 1
    similarity = torch.cosine_similarity(torch.ones(8), torch.tensor([1.0] * 3 + [0.0] * 5), dim=0)
    assert weights[3] == pytest.approx(float(torch.exp(-((1 - similarity) ** 2) / 0.25**2)) ** 0.5)


def test_the_constraint_costs_nothing_where_the_answers_keep_it() -> None:
    masks = torch.cat([*islice(coalitions(7, seed=2), 60)]).double()
    shares = torch.arange(7, dtype=torch.float64) - 2
    assert torch.allclose(efficient_fit(masks, masks @ shares + 5, masks[:, 0]), shares)
