"""Knows the short program behind each run over many pictures, with the present values; does not run it.

Each is plain PyTorch, takes of this project only its networks and pictures, and leaves its numbers in `found`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from dlcore import checkpoints
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.curves import BATCH, CurvesConfig
from dlcore.topics.adversarial.fooling import AFTERWARDS, FoolingConfig
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.transfer import NOISE, TransferConfig
from dlcore.topics.adversarial.universal import BATCH as UPDATE
from dlcore.topics.adversarial.universal import UniversalConfig

HEAD = """\
import torch
from torch.nn.functional import cross_entropy

from dlcore.checkpoints import network  # the lab's trained networks
from dlcore.topics.adversarial.held import held  # pictures that no network has learnt from
"""

ASCENT = """
def ascent(net, x, y):  # the step of length 1 along which the loss grows fastest
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(cross_entropy(net(x), y, reduction="sum"), x)
    return {steepest}
"""
STEEPEST = {"linf": "gradient.sign()", "l2": "gradient / length(gradient)"}
LENGTH = """
def length(x):
    return x.flatten(1).norm(dim=1).clamp(min=1e-30).view(-1, 1, 1, 1)
"""
WITHIN = """
def within(moved, x, eps):  # back into the ball around x, and to colours that there are
    return (x + {nearest}).clamp(0, 1)
"""
NEAREST = {
    "linf": "(moved - x).clamp(-eps, eps)",
    "l2": "(moved - x) * (eps / length(moved - x)).clamp(max=1)",
}
DRAWN = {
    "linf": "torch.where(torch.randn(x.shape, generator=generator) < 0, -1.0, 1.0)",
    "l2": "torch.randn(x.shape, generator=generator)",
}
UNIT = {"linf": "", "l2": " / length(direction)"}
NOISE_CODE = """
def noise(net, x, y, eps, generator):
    direction = {drawn}
    return within(x + eps * direction{unit}, x, eps)
"""
FGSM = """
def fgsm(net, x, y, eps, generator):
    return within(x + eps * ascent(net, x, y), x, eps)
"""
FGSM_TARGETED = """
def fgsm_targeted(net, x, y, eps, generator):
    return within(x - eps * ascent(net, x, runner_up(net, x, y)), x, eps)
"""
PGD = """
def pgd(net, x, y, eps, generator):
    moved = {start}
    for _ in range({num_steps}):
        moved = within(moved + {step_share!r} * eps * ascent(net, moved, y), x, eps)
    return moved
"""
PGD_TARGETED = """
def pgd_targeted(net, x, y, eps, generator):
    target, moved = runner_up(net, x, y), {start}
    for _ in range({num_steps}):
        moved = within(moved - {step_share!r} * eps * ascent(net, moved, target), x, eps)
    return moved
"""
RUNNER_UP = """
def runner_up(net, x, y):  # the likeliest wrong class
    return net(x).scatter(1, y[:, None], -torch.inf).argmax(dim=1)
"""
ATTACK_CODE = {
    "noise": NOISE_CODE,
    "fgsm": FGSM,
    "fgsm_targeted": FGSM_TARGETED,
    "pgd": PGD,
    "pgd_targeted": PGD_TARGETED,
}
SOMEWHERE = {
    "linf": """
def somewhere(x, generator):  # in the ball of radius 1, all its points alike
    return 2 * torch.rand(x.shape, generator=generator) - 1
""",
    "l2": """
def somewhere(x, generator):  # in the ball of radius 1, all its points alike
    points = []
    for image in x:
        far = torch.rand((), generator=generator) ** (1 / image.numel())
        direction = torch.randn(image.shape, generator=generator)
        points.append(far * direction / direction.norm())
    return torch.stack(points)
""",
}

CURVES = """
net = network("{model}")
images, labels, _ = held("{data}", {num_images}, seed={seed}{shift})
epsilons = {epsilons}
found = {{}}
for attack in [{names}]:
    right = torch.zeros(len(epsilons))
    for first in range(0, {num_images}, {batch}):
        x, y = images[first : first + {batch}], labels[first : first + {batch}]
        for i, epsilon in enumerate(epsilons):
            generator = torch.Generator().manual_seed({attack_seed}first)
            right[i] += (net(attack(net, x, y, epsilon / 255, generator)).argmax(dim=1) == y).sum()
    found[attack.__name__] = 100 * right / {num_images}
    print(attack.__name__, found[attack.__name__])
"""

TRANSFER = """
names = {names}
nets = [network(name) for name in names]
images, labels, _ = held("{data}", {num_images}, seed={seed})


def made(attack, net):
    parts = []
    for first in range(0, {num_images}, {batch}):
        generator = torch.Generator().manual_seed({attack_seed}first)
        x, y = images[first : first + {batch}], labels[first : first + {batch}]
        parts.append(attack(net, x, y, {epsilon!r} / 255, generator))
    return torch.cat(parts)


right = torch.stack([net(images).argmax(dim=1) == labels for net in nets])
rows = [made({attack}, net) for net in nets] + [made(noise, None)]
still = torch.stack([torch.stack([net(x).argmax(dim=1) == labels for net in nets]) for x in rows])
found = 100 * (right & ~still).sum(dim=2) / right.sum(dim=1)  # of the right answers of the asked, lost
print(found)
"""

UNIVERSAL = """
net = network("{model}")
images, labels, _ = held("{data}", {num_images} + {num_tests}, seed={seed})
eps = {epsilon!r} / 255
delta = torch.zeros_like(images[:1])
generator = torch.Generator().manual_seed({attack_seed})
for epoch in range({num_epochs}):
    for rows in torch.randperm({num_images}, generator=generator).split({batch}):
        delta.requires_grad_()
        logits = net((images[rows] + delta).clamp(0, 1))
        losses = cross_entropy(logits, labels[rows], reduction="none").clamp(max=math.log({num_classes}))
        (gradient,) = torch.autograd.grad(losses.mean(), delta)  # what is worse than a guess pushes no more
        delta = {update}
x, y = images[{num_images}:], labels[{num_images}:]  # others
right = net(x).argmax(dim=1) == y
lost = right & (net((x + delta).clamp(0, 1)).argmax(dim=1) != y)
found = 100 * lost.sum() / right.sum()
print(f"one change takes {{found:.1f}} % of the right answers to other pictures")
"""
UPDATES = {
    "linf": "(delta + {step_share!r} * eps * gradient.sign()).clamp(-eps, eps).detach()",
    "l2": """(delta + {step_share!r} * eps * gradient / gradient.norm().clamp(min=1e-30)).detach()
        delta = delta * (eps / delta.norm().clamp(min=1e-30)).clamp(max=1)""",
}

FOOLING = """\
import torch
from torch.nn.functional import cross_entropy

{imports}

net = network("{model}")
x = {start}
target = torch.tensor([{target}])  # {name}
adam = torch.optim.Adam([x], lr={lr!r})
found = []  # the target's chance in each frame
for step in range({most_steps} + 1):
    x.requires_grad_()
    logits = net(x)
    found.append(logits.softmax(dim=1)[0, {target}].item())
    if len(found) > {afterwards} and found[-{afterwards} - 1] > {confidence!r}:
        break
    (gradient,) = torch.autograd.grad(cross_entropy(logits, target), x)
    x.grad = {gradient}
    x.requires_grad_(False)
    adam.step()
    x.clamp_(0, 1)
print(f"after {{len(found) - 1}} steps the network is {{100 * found[-1]:.1f}} % sure")
"""


def curves(config: CurvesConfig) -> str:
    """Accuracy of each attack at every ε."""
    body = CURVES.format(
        model=config.model,
        data=config.data,
        num_images=config.num_images,
        seed=config.seed,
        shift=f", shift={config.shift!r}" if config.shift else "",
        epsilons=list(config.epsilons),
        names=", ".join(config.attacks),
        batch=BATCH,
        attack_seed=f"{config.settings.seed} + " if config.settings.seed else "",
    )
    return joined(HEAD, *attack_code(config.attacks, config.settings), body)


def transfer(config: TransferConfig) -> str:
    """Of the right answers of each network (column), how many are lost to what was made on each (row), in percent."""
    body = TRANSFER.format(
        names=list(config.columns),
        data=config.data,
        num_images=config.num_images,
        seed=config.seed,
        batch=BATCH,
        attack_seed=f"{config.settings.seed} + " if config.settings.seed else "",
        epsilon=config.epsilon,
        attack=config.attack,
    ).replace("'", '"')
    return joined(HEAD, *attack_code((NOISE, config.attack), config.settings), body)


def universal(config: UniversalConfig) -> str:
    """The one change, and how many right answers to other pictures it takes, in percent."""
    return (
        "import math\n\n"
        + HEAD
        + UNIVERSAL.format(
            num_classes=len(checkpoints.MODELS[config.model].classes),
            model=config.model,
            data=config.data,
            num_images=config.num_images,
            num_tests=config.num_tests,
            seed=config.seed,
            epsilon=config.epsilon,
            attack_seed=config.settings.seed,
            num_epochs=config.num_epochs,
            batch=UPDATE,
            update=UPDATES[config.settings.norm].format(step_share=config.step_share),
        )
    )


def fooling(config: FoolingConfig) -> str:
    """The target's chance, step by step."""
    shape = (1, *config.shown.shape)
    home = "dlcore.checkpoints" if config.model in checkpoints.MODELS else "dlcore.imagenet"
    imports = [f"from {home} import network  # the lab's trained networks"]
    imports += ["from dlcore.topics.images.blur import blurred"] * bool(config.smoothing)
    drawn = f"torch.rand({shape}, generator=torch.Generator().manual_seed({config.seed}))"
    return FOOLING.format(
        imports="\n".join(imports),
        model=config.model,
        start=drawn if config.start == "noise" else f"torch.full({shape}, 0.5)",
        target=config.target,
        name=config.shown.classes[config.target],
        lr=config.lr,
        most_steps=config.most_steps,
        afterwards=AFTERWARDS,
        confidence=config.confidence,
        gradient=f"blurred(gradient, {config.smoothing!r})" if config.smoothing else "gradient",
    )


def attack_code(names: Iterable[str], settings: AttackSettings) -> list[str]:
    """The functions of these attacks and what they call, in the order in which they can be defined."""
    names, norm = tuple(dict.fromkeys(names)), settings.norm
    starts = settings.random_start and any(name.startswith("pgd") for name in names)
    values: dict[str, Any] = {
        "drawn": DRAWN[norm],
        "unit": UNIT[norm],
        "start": "within(x + eps * somewhere(x, generator), x, eps)" if settings.random_start else "x",
        "num_steps": settings.num_steps,
        "step_share": settings.step_share,
    }
    return [
        *([LENGTH] if norm == "l2" else []),
        *([ASCENT.format(steepest=STEEPEST[norm])] if names != (NOISE,) else []),
        WITHIN.format(nearest=NEAREST[norm]),
        *([RUNNER_UP] if any(ATTACKS[name].targeted for name in names) else []),
        *([SOMEWHERE[norm]] if starts else []),
        *(ATTACK_CODE[name].format(**values) for name in names),
    ]


def joined(*blocks: str) -> str:
    """One program of these blocks."""
    return "\n\n\n".join(block.strip() for block in blocks) + "\n"


PROGRAMS: dict[type, Callable[[Any], str]] = {
    CurvesConfig: curves,
    TransferConfig: transfer,
    UniversalConfig: universal,
    FoolingConfig: fooling,
}
