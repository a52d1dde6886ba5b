"""Methods that cover parts of the picture and ask the network again: occlusion, LIME, Kernel SHAP.

Knows no gradient: the network is asked from outside, through captum, with masks from a generator of this call's own.
Source: Zeiler and Fergus, Visualizing and understanding convolutional networks (2013); Ribeiro, Singh, Guestrin,
"Why should I trust you?" (2016); Lundberg and Lee, A unified approach to interpreting model predictions (2017); pairs
of complementary masks: Covert and Lee, Improving KernelSHAP (2021).
"""

from collections.abc import Callable, Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.images.chunks import forward_chunk
from dlcore.topics.images.targets import Target, score
from dlcore.topics.saliency.settings import MethodSettings

KERNEL_WIDTH = 0.25  # how fast a mask counts less, the more it covers: as in the authors' program
RIDGE = 1.0  # the penalty on LIME's coefficients: as there


def occlusion(net: nn.Module, image: Tensor, target: Target, baseline: Tensor, settings: MethodSettings) -> Tensor:
    """How much the score falls where a window is covered, (1, height, width): the mean over the windows on a pixel.

    Raises:
        ValueError: the window is larger than the picture.
    """
    from captum.attr import Occlusion

    channels, height, width = image.shape
    if settings.window > min(height, width):
        raise ValueError(f"window is {settings.window}: the picture has only {height} × {width} pixels.")
    found = Occlusion(_asking(net, target)).attribute(
        image[None],
        sliding_window_shapes=(channels, settings.window, settings.window),
        strides=(channels, settings.stride, settings.stride),
        baselines=baseline[None],
        perturbations_per_eval=forward_chunk(image),
    )
    return found[0, :1].float()  # a window covers all channels, so they all have the same


def lime(
    net: nn.Module, image: Tensor, target: Target, baseline: Tensor, regions: Tensor, settings: MethodSettings
) -> Tensor:
    """The weight of each region in a linear model of the score, fitted on pictures with some regions covered.

    (regions,): image and baseline (channels, height, width), regions as `regions.partition` numbers them.
    """
    from captum.attr import Lime
    from sklearn.linear_model import Ridge

    def masks(_: Tensor, **known: Any) -> Iterator[Tensor]:
        yield from (mask.to(image.device) for mask in coin_masks(known["num_interp_features"], settings.seed))

    def near(_: Tensor, __: Tensor, mask: Tensor, **___: Any) -> Tensor:
        return nearness(mask)

    def fit(masks: Tensor, outputs: Tensor, weights: Tensor) -> Tensor:
        ridge = Ridge(alpha=RIDGE).fit(masks.numpy(), outputs.numpy(), sample_weight=weights.numpy())
        return torch.from_numpy(ridge.coef_)

    surrogate = Surrogate(fit)
    method = Lime(_asking(net, target), cast(Any, surrogate), similarity_func=near, perturb_func=masks)
    return _coefficients(method, image, baseline, regions, settings)


def kernel_shap(
    net: nn.Module, image: Tensor, target: Target, baseline: Tensor, regions: Tensor, settings: MethodSettings
) -> Tensor:
    """About the Shapley value of each region, (regions,); they add up to F(image) − F(baseline). As `lime`."""
    from captum.attr import KernelShap

    def masks(_: Tensor, **known: Any) -> Iterator[Tensor]:
        yield from (mask.to(image.device) for mask in coalitions(known["num_interp_features"], settings.seed))

    method = KernelShap(_asking(net, target))
    method.interpretable_model = cast(Any, Surrogate(efficient_fit))
    method.perturb_func = masks
    return _coefficients(method, image, baseline, regions, settings)


class Surrogate:
    """The model that captum fits to the answers; without the data loader, whose loop draws from the global seed."""

    def __init__(self, fit: Callable[[Tensor, Tensor, Tensor], Tensor]) -> None:
        self._fit = fit
        self._coefficients = torch.empty(0)

    def fit(self, train_data: Any) -> None:
        """Masks (samples, regions), scores (samples,) and weights (samples,), as captum hands them over."""
        self._coefficients = self._fit(*(tensor.double().cpu() for tensor in train_data.dataset.tensors))

    def representation(self) -> Tensor:
        """What was found, (regions,)."""
        return self._coefficients


def coin_masks(num_regions: int, seed: int) -> Iterator[Tensor]:
    """First all regions, then each on or off by a coin, int64 (1, regions), without end."""
    draws = generator(seed)
    yield torch.ones(1, num_regions, dtype=torch.long)
    while True:
        yield torch.randint(2, (1, num_regions), generator=draws)


def coalitions(num_regions: int, seed: int) -> Iterator[Tensor]:
    """First all regions and none, then masks as often as the Shapley kernel weighs them, each before its complement.

    int64 (1, regions), without end. With k regions on: p(k) ∝ 1 / (k (M − k)), and among those all alike.
    """
    draws = generator(seed)
    sizes = torch.arange(1, num_regions, dtype=torch.float64)
    weights = 1 / (sizes * (num_regions - sizes))
    yield torch.ones(1, num_regions, dtype=torch.long)
    yield torch.zeros(1, num_regions, dtype=torch.long)
    while True:
        mask = torch.zeros(1, num_regions, dtype=torch.long)
        size = 1 + int(torch.multinomial(weights, 1, generator=draws))
        mask[0, torch.randperm(num_regions, generator=draws)[:size]] = 1
        yield mask
        yield 1 - mask


def nearness(mask: Tensor) -> Tensor:
    """How much a mask (1, regions) counts, (1,): √exp(−d²/w²), d its cosine distance from all regions being on."""
    distance = 1 - mask.double().mean(dim=1).sqrt()
    return torch.exp(-0.5 * (distance / KERNEL_WIDTH).square())


def efficient_fit(masks: Tensor, outputs: Tensor, _: Tensor) -> Tensor:
    """The coefficients (regions,) of least squares that also add up to F(all on) − F(all off), exactly.

    masks (samples, regions), the first all on, the second all off; outputs (samples,). The last coefficient follows
    from the others, so they are found without a constraint.
    """
    full, empty = outputs[0], outputs[1]
    masks, outputs = masks[2:], outputs[2:] - empty
    free = masks[:, :-1] - masks[:, -1:]
    others = torch.linalg.lstsq(free, outputs - masks[:, -1] * (full - empty), driver="gelsd").solution
    return torch.cat([others, (full - empty - others.sum())[None]])


def _asking(net: nn.Module, target: Target) -> Callable[[Tensor], Tensor]:
    def asked(inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return score(net(inputs), target)

    return asked


def _coefficients(method: Any, image: Tensor, baseline: Tensor, regions: Tensor, settings: MethodSettings) -> Tensor:
    found = method.attribute(
        image[None],
        baselines=baseline[None],
        feature_mask=regions[None, None].to(image.device),
        n_samples=settings.num_masks,
        perturbations_per_eval=forward_chunk(image),
        return_input_shape=False,
    )
    return found.flatten().float()
