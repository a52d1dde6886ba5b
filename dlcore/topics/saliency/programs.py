"""Knows the short program that computes a method's map of one picture, with the present values; does not run it."""

from collections.abc import Mapping
from dataclasses import asdict

import torch

from dlcore.topics.images.chunks import backward_chunk, forward_chunk
from dlcore.topics.images.pictures import Shape
from dlcore.topics.images.programs import imports, setup
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.baselines import BLUR
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.perturbations import KERNEL_WIDTH, RIDGE
from dlcore.topics.saliency.settings import MethodSettings

GRADIENT = """
def gradient(x):
    x = x.clone().requires_grad_()
    (found,) = torch.autograd.grad(score(x).sum(), x)
    return found
"""

SAMPLES = """
generator = torch.Generator().manual_seed({seed})
noise = torch.stack([{noise!r} * torch.randn(x[0].shape, generator=generator) for _ in range({num_samples})])
gradients = torch.cat([gradient(x + part) for part in noise.split({backward})])  # {backward} copies at a time
"""

INTEGRATED = """
attribution = IntegratedGradients(score).attribute(
    x, baseline, n_steps={num_steps}, method="{rule}", internal_batch_size={backward}
)[0]{correction}
with torch.no_grad():
    print(f"they add up to {{attribution.sum():.4f}}, the score rises by {{(score(x) - score(baseline)).item():.4f}}")
"""

GRADCAM = """
maps = LayerGradCam(score, net.last_conv).attribute(x)  # as coarse as that layer's maps
attribution = LayerAttribution.interpolate(maps, ({height}, {width}), "bilinear")[0]
"""

GUIDED = """
def only_positive(relu, grad_inputs, grad_outputs):
    return (grad_inputs[0].clamp(min=0),)


for module in net.modules():
    if isinstance(module, torch.nn.ReLU):
        module.inplace = False
        module.register_full_backward_hook(only_positive)

attribution = gradient(x)[0]
"""

OCCLUSION = """
attribution = Occlusion(score).attribute(
    x,
    sliding_window_shapes=({channels}, {window}, {window}),
    strides=({channels}, {stride}, {stride}),
    baselines=baseline,
    perturbations_per_eval={forward},
)[0, :1]
"""

ASKED = """
with torch.no_grad():  # what the network says where only these regions are seen
    outputs = torch.cat(
        [score(torch.where(on[:, None], x, baseline)) for on in masks.bool()[:, regions].split({forward})]
    ).double()
"""

REGIONS = """
regions = partition(x[0], "{regions}", {num_regions})  # ({height}, {width}): the number of each pixel's region
num_regions = int(regions.max()) + 1
generator = torch.Generator().manual_seed({seed})
"""

LIME = """\
masks = torch.cat([torch.randint(2, (1, num_regions), generator=generator) for _ in range({num_masks} - 1)])
masks = torch.cat([torch.ones(1, num_regions), masks])  # first the picture as it is
{asked}
distance = 1 - masks.mean(dim=1).sqrt()  # the cosine distance from all ones
weights = torch.exp(-0.5 * (distance / {kernel_width!r}) ** 2)
ridge = Ridge(alpha={ridge!r}).fit(masks.double().numpy(), outputs.numpy(), sample_weight=weights.double().numpy())
attribution = torch.from_numpy(ridge.coef_).float()[regions][None]
"""

SHAP = """\
sizes = torch.arange(1, num_regions, dtype=torch.float64)
masks = [torch.ones(num_regions), torch.zeros(num_regions)]
while len(masks) < {num_masks}:  # as often as the Shapley kernel weighs them, and each with its complement
    size = 1 + int(torch.multinomial(1 / (sizes * (num_regions - sizes)), 1, generator=generator))
    on = torch.zeros(num_regions)
    on[torch.randperm(num_regions, generator=generator)[:size]] = 1
    masks += [on, 1 - on]
masks = torch.stack(masks[:{num_masks}])
{asked}
rise = outputs[0] - outputs[1]  # least squares, in which the values add up to this: the last follows from the others
masks, outputs = masks[2:].double(), outputs[2:] - outputs[1]
others = torch.linalg.lstsq(masks[:, :-1] - masks[:, -1:], outputs - masks[:, -1] * rise, driver="gelsd").solution
shapley = torch.cat([others, rise - others.sum(dim=0, keepdim=True)])
attribution = shapley.float()[regions][None]
"""

END = """
strength = attribution.{strength}.sum(dim=0)  # ({height}, {width})
row, column = divmod(int(strength.argmax()), {width})
print(f"strongest at row {{row}}, column {{column}}: {{strength.max():.4g}}")
"""

BASELINES: Mapping[str, str] = {
    "black": "baseline = torch.zeros_like(x)",
    "grey": "baseline = torch.full_like(x, 0.5)",
    "blurred": "baseline = blurred(x, sigma={sigma!r})",
    "noise": "baseline = torch.rand(x.shape, generator=torch.Generator().manual_seed({seed}))",
}
LIBRARIES: Mapping[str, str] = {
    "integrated": "from captum.attr import IntegratedGradients",
    "gradcam": "from captum.attr import LayerAttribution, LayerGradCam",
    "occlusion": "from captum.attr import Occlusion",
    "lime": "from sklearn.linear_model import Ridge",
}
WITH_GRADIENT = ("gradient", "input", "smoothgrad", "smoothgrad_squared", "vargrad", "guided")
WITH_BASELINE = ("integrated", "occlusion", "lime", "shap")
WITH_REGIONS = ("lime", "shap")
BODIES: Mapping[str, str] = {
    "gradient": "\nattribution = gradient(x)[0]\n",
    "input": "\nattribution = (x * gradient(x))[0]\n",
    "smoothgrad": SAMPLES + "attribution = gradients.mean(dim=0)\n",
    "smoothgrad_squared": SAMPLES + "attribution = gradients.square().mean(dim=0)\n",
    "vargrad": SAMPLES + "attribution = gradients.var(dim=0, correction=0)\n",
    "integrated": INTEGRATED,
    "gradcam": GRADCAM,
    "guided": GUIDED,
    "occlusion": OCCLUSION,
    "lime": REGIONS + LIME,
    "shap": REGIONS + SHAP,
}


def program(name: str, subject: Subject, target: Target, settings: MethodSettings) -> str:
    """This picture, this network, one method of METHODS: the program runs as it is, and leaves `attribution`.

    attribution: (channels or 1, height, width), the same as `methods.attribute`. The reader's own picture is read from
    a file.
    """
    numbers = _numbers(name, subject.shape, settings)
    begun = f"{setup(subject, _net(name))}\n{_baseline(name, subject.shape, settings)}"
    blocks = [
        f"{_imports(name, subject, settings)}\n\n{begun}",
        _score(target),
        GRADIENT if name in WITH_GRADIENT else "",
        BODIES[name].format(**numbers) + END.format(**numbers),
    ]
    return "\n\n\n".join(block.strip() for block in blocks if block) + "\n"


def _imports(name: str, subject: Subject, settings: MethodSettings) -> str:
    blurs = name in WITH_BASELINE and settings.baseline == "blurred"
    tools = ["from dlcore.topics.images.blur import blurred"] * blurs
    tools += ["from dlcore.topics.saliency.regions import partition"] * (name in WITH_REGIONS)
    libraries = [LIBRARIES[name]] if name in LIBRARIES else []
    return imports(subject, libraries, tools, ["import copy"] * (name == "guided"))


def _net(name: str) -> str:
    return "copy.deepcopy({})  # a copy, because it is changed below" if name == "guided" else "{}"


def _baseline(name: str, shape: Shape, settings: MethodSettings) -> str:
    if name not in WITH_BASELINE:
        return ""
    return BASELINES[settings.baseline].format(seed=settings.seed, sigma=BLUR * max(shape[1:]))


def _score(target: Target) -> str:
    if target.against is None:
        return f"def score(x):\n    return net(x)[:, {target.label}]"
    return f"""
def score(x):
    logits = net(x)
    return logits[:, {target.label}] - logits[:, {target.against}]
"""


def _numbers(name: str, shape: Shape, settings: MethodSettings) -> dict[str, object]:
    """What the templates ask for by name."""
    channels, height, width = shape
    n = settings.num_steps
    lacking = f" * {n} / {n - 1}  # captum's trapezoid weights add up to {n - 1}/{n}"
    numbers: dict[str, object] = asdict(settings) | {
        "channels": channels,
        "height": height,
        "width": width,
        "backward": backward_chunk(torch.empty(shape)),
        "forward": forward_chunk(torch.empty(shape)),
        "correction": lacking if settings.rule == "riemann_trapezoid" else "",
        "kernel_width": KERNEL_WIDTH,
        "ridge": RIDGE,
        "strength": "clamp(min=0)" if METHODS[name].positive else "abs()",
    }
    return numbers | {"asked": ASKED.format(**numbers).strip()}
