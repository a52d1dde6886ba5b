"""Knows the short program behind each run on why attacks work, with the present values; does not run it.

Each is plain PyTorch, takes of this project only its networks and pictures, and leaves its numbers under the names that
the run's arrays have.
"""

from collections.abc import Callable
from typing import Any

from dlcore.topics.adversarial.directions import AT_ONCE, DirectionsConfig
from dlcore.topics.adversarial.illusion import IllusionConfig
from dlcore.topics.adversarial.linear import LinearConfig
from dlcore.topics.adversarial.plane import OVERSHOOT, PlaneConfig
from dlcore.topics.adversarial.programs import ASCENT, LOSS, PGD, START, UNIT, WITHIN
from dlcore.topics.images.programs import literal

LINEAR = """
import torch

from dlcore.checkpoints import network  # the lab's trained networks
from dlcore.topics.adversarial.margins import answered

epsilon = {epsilon!r}  # levels of 255, by which every input goes
draws = torch.Generator().manual_seed({seed})
attack, noise, net_attack = [], [], {{}}
for n in {dimensions}:
    w = torch.randn({num_draws}, n, generator=draws)  # so many linear scores w · x
    w = w / w.norm(dim=1, keepdim=True)
    signs = 2.0 * torch.randint(2, w.shape, generator=draws) - 1
    attack.append((epsilon * w.abs().sum(dim=1)).mean())  # each input goes by ε sign(w)
    noise.append((epsilon * (w * signs).sum(dim=1)).abs().mean())
    print(f"{{n:,}} inputs: aimed {{attack[-1]:.4g}}, at random {{noise[-1]:.3g}}")
attack, noise = torch.stack(attack), torch.stack(noise)

for key in {models!r}:
    x, labels, _ = answered(key, {num_images}, {seed})  # pictures that the network answers rightly
    x.requires_grad_()
    logits = network(key)(x)
    own = logits.gather(1, labels[:, None])
    margin = own - logits.scatter(1, labels[:, None], -torch.inf).amax(dim=1, keepdim=True)
    (slope,) = torch.autograd.grad(margin.sum(), x)
    slope = slope.flatten(1)
    net_attack[key] = (epsilon * slope.abs().sum(dim=1) / slope.norm(dim=1)).mean()
    print(f"{{key}}: {{slope.shape[1]:,}} inputs, aimed {{net_attack[key]:.4g}}")
"""

DIRECTIONS = """
import torch

times = {times!r}  # as long as the way to the boundary
draws = torch.Generator().manual_seed({seed})
share = []
for n in {dimensions}:
    crossed = 0
    for first in range(0, {num_draws}, {at_once}):
        ends = torch.randn(min({at_once}, {num_draws} - first), n, generator=draws)
        ends = times * ends / ends.norm(dim=1, keepdim=True)
        crossed += (ends[:, 0] > 1).sum()  # the boundary is flat, and 1 away along the first axis
    share.append(100 * crossed / {num_draws})
    print(f"{{n:,}} dimensions: {{share[-1]:.3g}} % of the directions cross")
share = torch.stack(share)
"""

PLANE = """
{imports}

net = network({data}, {model}, {seed})  # trained on points of a plane
x = torch.tensor([[[[{x!r}, {y!r}]]]]) / 255  # a picture of two pixels, from 0 to 1
label = net(x).argmax(dim=1)
"""
#: The pictures of the frames, by attack, and how its numbers are called.
WALKS = {
    "fgsm": """
step = ascent(x)  # one gradient for every ε
pictures = [within(x + e * step, e) for e in torch.linspace(0, {epsilon!r} / 255, {num_frames})]
""",
    "pgd": """
pictures = [*pgd(torch.tensor({epsilon!r} / 255))]
""",
    "deepfool": """
pictures, total = [x], torch.zeros_like(x)
while net(pictures[-1]).argmax(dim=1) == label and len(pictures) < {num_frames}:
    inputs = pictures[-1].clone().requires_grad_()
    logits = net(inputs)[0]
    ahead = logits[label] - logits[1 - label]
    (way,) = torch.autograd.grad(-ahead.sum(), inputs)
    total = total + (ahead.detach() / way.norm() + 1e-4) * way / way.norm()  # were the network linear, just across
    pictures.append((x + {longer!r} * total).clamp(0, 1))
""",
}
PLACES = """
places = 255 * torch.cat(pictures).flatten(1)  # (frames, 2)
chance = net(torch.cat(pictures)).softmax(dim=1)[:, label]
for (first, second), now in zip(places.tolist(), chance.flatten().tolist(), strict=True):
    print(f"pixels {{first:.1f}} and {{second:.1f}}: its class has {{now:.1%}}")
"""

ILLUSION = """
import numpy as np
from PIL import Image, ImageDraw

from dlcore.topics.adversarial.illusion import IllusionConfig, illusion, squares

config = IllusionConfig(kind={kind}, size={size})
picture = illusion(config)
levels = {{}}
for name, corners in zip("AB", squares(config), strict=True):
    inner = corners.mean(axis=0) + 0.9 * (corners - corners.mean(axis=0))  # without its edge
    mask = Image.new("1", ({size}, {size}))
    ImageDraw.Draw(mask).polygon([tuple(corner) for corner in inner.tolist()], fill=1)
    levels[name] = picture[np.asarray(mask)].mean()
    print(f"square {{name}}: level {{levels[name]:.1f}} of 255")
"""


def linear(config: LinearConfig) -> str:
    """The program of the sums: leaves attack and noise, (frames,), and net_attack, a number by network."""
    return LINEAR.format(**vars(config), dimensions=list(config.dimensions)).strip() + "\n"


def directions(config: DirectionsConfig) -> str:
    """The program of the random directions: leaves share, (frames,), in percent."""
    return DIRECTIONS.format(**vars(config), dimensions=list(config.dimensions), at_once=AT_ONCE).strip() + "\n"


def plane(config: PlaneConfig) -> str:
    """The program of the attack's way: leaves places (frames, 2) and chance (frames, 1), until the class is lost."""
    settings, norm = config.settings, config.norm
    aims = config.attack != "deepfool"
    lab = "from dlcore.topics.adversarial.plane import network"
    libraries = f"{LOSS}\n\n{lab}" if aims else f"\n{lab}"
    values = {name: literal(getattr(config, name)) for name in ("data", "model", "seed")}
    head = PLANE.format(imports=f"import torch\n{libraries}", x=float(config.x), y=float(config.y), **values)
    start = START[norm if settings.random_start else ""].format(seed=settings.seed).strip()
    blocks = [UNIT] * (norm == "l2" and aims)
    blocks += [ASCENT.format(step="unit(gradient)" if norm == "l2" else "gradient.sign()"), WITHIN[norm]] * aims
    if config.attack == "pgd":
        blocks.append(PGD.format(start=start, num_steps=settings.num_steps, step_share=settings.step_share))
    longer = 1 + OVERSHOOT
    walk = WALKS[config.attack].format(epsilon=float(config.epsilon), num_frames=config.num_frames, longer=longer)
    blocks.append(walk.strip() + "\n" + PLACES.format().strip())
    between = "\n\n\n" if aims else "\n\n"  # functions stand alone
    return between.join(block.strip() for block in (head, *blocks)) + "\n"


def illusion(config: IllusionConfig) -> str:
    """The program that measures the two squares: leaves levels, a number by square."""
    return ILLUSION.format(kind=literal(config.kind), size=config.size).strip() + "\n"


PROGRAMS: dict[type, Callable[[Any], str]] = {
    LinearConfig: linear,
    DirectionsConfig: directions,
    PlaneConfig: plane,
    IllusionConfig: illusion,
}
