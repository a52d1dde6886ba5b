"""The methods that explain a prediction, in the order in which the lesson meets them; does not know what is drawn.

`attribute` explains one image, `attribute_all` many at once, `answer` asks several methods the same question.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from dlcore import require
from dlcore.topics.images.gradients import magnitude, signed
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency import gradients, hooks, paths, perturbations
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Attribution:
    """What a method gives every pixel of one image, and of which regions it did so."""

    method: str
    values: Tensor  # float32 (channels or 1, height, width)
    regions: Tensor | None = None  # int64 (height, width), where pixels got their value together
    shares: Tensor | None = None  # the value of each region, (regions,)

    @property
    def signed(self) -> Tensor:
        """What speaks for the target and what against it, (height, width)."""
        return signed(self.values)

    @property
    def magnitude(self) -> Tensor:
        """How much a pixel counts, whichever way, (height, width); of Grad-CAM only what speaks for the target."""
        return strength(self.method, self.values)

    @property
    def total(self) -> float:
        """The sum over all that got a share: pixels and channels, or regions."""
        return float((self.values if self.shares is None else self.shares).double().sum())


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to explain a prediction."""

    title: str
    idea: str  # one sentence
    formula: str  # HTML
    compute: Callable[[Question], Iterable[Tensor]]  # each (channels or 1, height, width), or (regions,) if regional
    lacks: Callable[[nn.Module], str] = lambda _: ""  # why it cannot explain this network
    hooks: bool = False  # reaches into the network, and so needs one that is built for it
    fast: bool = True  # many images in one pass; the others ask the network hundreds of times for each image
    regional: bool = False  # gives values to regions, not to pixels
    positive: bool = False  # published without what speaks against the target


METHODS: Mapping[str, Method] = {
    "gradient": Method(
        title="Gradient",
        idea="How much would the score change if this pixel changed a little?",
        formula="∂S/∂x",
        compute=lambda q: gradients.gradient(q.net, q.images, q.asked),
    ),
    "input": Method(
        title="Gradient × input",
        idea="The gradient times the pixel: what the pixel would add to the score of a linear network.",
        formula="x · ∂S/∂x",
        compute=lambda q: gradients.input_times_gradient(q.net, q.images, q.asked),
    ),
    "smoothgrad": Method(
        title="SmoothGrad",
        idea="The mean of the gradients on noisy copies of the picture: what stays when the picture trembles.",
        formula="mean over ε of ∂S/∂x (x + ε)",
        compute=lambda q: q.moments.mean,
    ),
    "smoothgrad_squared": Method(
        title="SmoothGrad²",
        idea="The mean of their squares: where gradients are large, whichever sign they have.",
        formula="mean over ε of (∂S/∂x (x + ε))²",
        compute=lambda q: q.moments.square,
    ),
    "vargrad": Method(
        title="VarGrad",
        idea="The variance of those gradients: where the answer to a small change depends on the noise.",
        formula="variance over ε of ∂S/∂x (x + ε)",
        compute=lambda q: q.moments.variance,
    ),
    "integrated": Method(
        title="Integrated gradients",
        idea="Fade in from a picture without information and sum the gradients: the shares add up to the score's rise.",
        formula="(x − x′) · ∫ ∂S/∂x (x′ + α (x − x′)) dα, α from 0 to 1",
        compute=lambda q: paths.integrated_gradients(q.net, q.images, q.asked, q.baselines, q.settings),
    ),
    "gradcam": Method(
        title="Grad-CAM",
        idea="The last convolution's maps, each weighted by its mean gradient: coarse, but close to the decision.",
        formula="max(0, Σ<sub>k</sub> mean(∂S/∂A<sub>k</sub>) · A<sub>k</sub>)",
        compute=lambda q: hooks.grad_cam(q.net, q.images, q.asked),
        lacks=hooks.lacks_last_conv,
        hooks=True,
        positive=True,
    ),
    "guided": Method(
        title="Guided backpropagation",
        idea="The gradient, but each ReLU passes back only what is positive: crisp edges, and not always the truth.",
        formula="∂S/∂x, with max(0, ·) on the way back through each ReLU",
        compute=lambda q: hooks.guided_backprop(q.net, q.images, q.asked),
        lacks=hooks.lacks_relus,
        hooks=True,
    ),
    "occlusion": Method(
        title="Occlusion",
        idea="Cover a window, ask again, move on: how far does the score fall?",
        formula="S(x) − S(x, a window covered)",
        compute=lambda q: _occluded(q),
        fast=False,
    ),
    "lime": Method(
        title="LIME",
        idea="Cover regions at random, many times, and fit a linear model that predicts the score near this picture.",
        formula="w in S(m) ≈ w<sub>0</sub> + w · m, for masks m near the whole picture",
        compute=lambda q: _by_regions(perturbations.lime, q),
        fast=False,
        regional=True,
    ),
    "shap": Method(
        title="Kernel SHAP",
        idea="What each region adds on average, whichever others are there already: shares that add up to the rise.",
        formula="mean over all orders of S(with the region) − S(without)",
        compute=lambda q: _by_regions(perturbations.kernel_shap, q),
        fast=False,
        regional=True,
    ),
}


def attribute(
    name: str, net: nn.Module, image: Tensor, target: Target, settings: MethodSettings | None = None
) -> Attribution:
    """What one method of METHODS says about one image (channels, height, width), 0 to 1.

    Raises: ValueError where there is no such method, it cannot explain this network, or a setting does not fit the
    image.
    """
    return attribute_all(name, net, image[None], [target], settings)[0]


def attribute_all(
    name: str, net: nn.Module, images: Tensor, targets: Sequence[Target], settings: MethodSettings | None = None
) -> tuple[Attribution, ...]:
    """The same for images (batch, channels, height, width), each as if it were alone. Raises as `attribute`."""
    return answer(name, Question(net, images, targets, settings or MethodSettings()))


def answer(name: str, question: Question) -> tuple[Attribution, ...]:
    """The same, where several methods answer one question: what they share is computed once. Raises as `attribute`."""
    require.one_of("method", name, METHODS)
    method = METHODS[name]
    if reason := method.lacks(question.net):
        raise ValueError(reason)
    found = [values.detach().float().cpu() for values in method.compute(question)]
    if not method.regional:
        return tuple(Attribution(method=name, values=values) for values in found)
    return tuple(
        Attribution(method=name, values=shares[regions][None], regions=regions, shares=shares)
        for shares, regions in zip(found, question.regions, strict=True)
    )


def strength(name: str, values: Tensor) -> Tensor:
    """The magnitude as this method is published: Grad-CAM's without what speaks against the target."""
    return magnitude(values.clamp(min=0) if METHODS[name].positive else values)


def _occluded(q: Question) -> list[Tensor]:
    return [
        perturbations.occlusion(q.net, image, target, baseline, q.settings)
        for image, target, baseline in zip(q.images, q.targets, q.baselines, strict=True)
    ]


def _by_regions(method: Callable[..., Tensor], q: Question) -> list[Tensor]:
    return [
        method(q.net, image, target, baseline, regions, q.settings)
        for image, target, baseline, regions in zip(q.images, q.targets, q.baselines, q.regions, strict=True)
    ]
