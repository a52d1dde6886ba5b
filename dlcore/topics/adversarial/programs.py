"""Knows the short program behind each run on one picture, with the present values; does not run it.

Each is plain PyTorch, takes of this project only its networks and pictures, and leaves its numbers under the names that
the run's arrays have.
"""

from collections.abc import Callable
from typing import Any

from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.boundary import CANDIDATES, FURTHER, BoundaryConfig
from dlcore.topics.adversarial.path import REACH, PathConfig
from dlcore.topics.adversarial.sweep import SweepConfig
from dlcore.topics.images.programs import imports, setup

LOSS = "from torch.nn.functional import cross_entropy"

ASKED = """
label = torch.tensor([{asked}])  # "{name}", which is to be {aim}
"""
UNIT = """
def unit(values):  # as long as 1
    return values / values.norm().clamp(min=1e-30)
"""
ASCENT = """
def ascent(x):  # the step of length 1 that the attack takes from here
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(cross_entropy(net(x), label), x)
    return {step}
"""
WITHIN = {
    "linf": """
def within(moved, epsilon):  # back into the ball around x, and to colours that there are
    return (x + (moved - x).clamp(-epsilon, epsilon)).clamp(0, 1)
""",
    "l2": """
def within(moved, epsilon):  # back into the ball around x, and to colours that there are
    delta = moved - x
    return (x + delta * (epsilon / delta.norm().clamp(min=1e-30)).clamp(max=1)).clamp(0, 1)
""",
}
START = {
    "linf": """
    draws = torch.Generator().manual_seed({seed})
    start = 2 * torch.rand(x[0].shape, generator=draws) - 1  # somewhere in the ball of radius 1
""",
    "l2": """
    draws = torch.Generator().manual_seed({seed})
    far = torch.rand((), generator=draws) ** (1 / x.numel())
    start = far * unit(torch.randn(x[0].shape, generator=draws))  # somewhere in the ball of radius 1
""",
    "": """
    start = 0
""",
}
PGD = """
def pgd(epsilon):
    {start}
    moved = within(x + epsilon * start, epsilon)
    yield moved
    for _ in range({num_steps}):
        moved = within(moved + {step_share!r} * epsilon * ascent(moved), epsilon)
        yield moved
"""
NOISE = {
    "linf": "noise = torch.where(torch.randn(x[0].shape, generator={draws}) < 0, -1.0, 1.0)",
    "l2": "noise = unit(torch.randn(x[0].shape, generator={draws}))",
}
DRAWS = "torch.Generator().manual_seed({seed})"

#: The attacked picture of the sweep, and what is computed once for all of them.
ATTACKED = {
    "noise": "within(x + epsilon * noise, epsilon)",
    "fgsm": "within(x + epsilon * step, epsilon)",
    "fgsm_targeted": "within(x + epsilon * step, epsilon)",
    "pgd": "[*pgd(epsilon)][-1]",
    "pgd_targeted": "[*pgd(epsilon)][-1]",
}
SWEEP = """
{noise}
{once}
chances, noise_chances = [], []
for k in range({num_frames}):
    epsilon = torch.tensor({most!r} * k / {num} / 255)  # levels of a pixel, of which 255 make black white
    pictures = torch.cat([{attacked}, within(x + epsilon * noise, epsilon)])
    with torch.no_grad():
        now, noisy = net(pictures).softmax(dim=1)
    chances.append(now)
    noise_chances.append(noisy)
    print(f"ε = {{255 * epsilon:.3g}}: {{now.argmax()}} ({{now.max():.1%}}), with noise: {{noisy.argmax()}}")
chances, noise_chances = torch.stack(chances), torch.stack(noise_chances)
"""

PATH = """
epsilon = torch.tensor({epsilon!r} / 255)  # levels of a pixel, of which 255 make black white
steps = torch.cat([*pgd(epsilon)])
u = steps[-1] - x  # where it ends
{v}

with torch.no_grad():
    loss = cross_entropy(net(steps), label.expand(len(steps)), reduction="none")
    sides = torch.linspace({low}, {high}, {grid})
    rows = [(x + sides.view(-1, 1, 1, 1) * u + b * v).clamp(0, 1) for b in sides]
    slice = torch.stack([cross_entropy(net(row), label.expand({grid}), reduction="none") for row in rows])
for step, value in enumerate(loss):
    print(f"step {{step}}: {{value:.4g}}")
"""
RANDOM = {
    "linf": "v = epsilon * noise",
    "l2": "v = epsilon * unit(noise - (unit(u) * noise).sum() * unit(u))  # at a right angle",
}

BOUNDARY = """
moved, total = x, torch.zeros_like(x)
l2 = []
for step in range({num_frames}):
    l2.append(255 * (moved - x).norm())  # levels of a pixel, of which 255 make black white
    inputs = moved.clone().requires_grad_()
    logits = net(inputs)[0]
    print(f"step {{step}}: answer {{logits.argmax()}}, |δ| = {{l2[-1]:.4g}}")
    if logits.argmax() != {label}:  # "{name}" is lost
        break
    nearest = torch.inf
    for k in logits.topk({candidates}).indices[1:]:
        (way,) = torch.autograd.grad(logits[k] - logits[{label}], inputs, retain_graph=True)
        distance = (logits[{label}] - logits[k]).detach() / way.norm()  # if the network were linear
        if distance < nearest:
            nearest, change = distance, (distance + {further!r}) * way / way.norm()
    total = total + change
    moved = (x + {longer!r} * total).clamp(0, 1)
"""


def sweep(config: SweepConfig) -> str:
    """The program of the attack and the noise at every ε: leaves chances and noise_chances, (frames, classes)."""
    settings, noisy = config.victim.settings, config.attack == "noise"
    fast, walks = config.attack.startswith("fgsm"), ATTACKS[config.attack].direction is None
    functions = [UNIT] * (settings.norm == "l2") + [_ascent(config)] * (not noisy) + [WITHIN[settings.norm]]
    main = SWEEP.format(
        num_frames=config.num_frames,
        most=config.most,
        num=config.num,
        noise=NOISE[settings.norm].format(draws=DRAWS.format(seed=settings.seed)),
        once="step = ascent(x)  # one gradient for every ε" if fast else "",
        attacked=ATTACKED[config.attack],
    )
    head = _head(config, () if noisy else (LOSS,)) + ("" if noisy else _asked(config))
    return _joined(head, *functions, _pgd(config) if walks else "", main)


def path(config: PathConfig) -> str:
    """The program of PGD's steps: leaves loss (frames,) and the slice around them, (grid, grid)."""
    norm, seed = config.victim.settings.norm, config.victim.settings.seed
    main = PATH.format(
        epsilon=config.epsilon,
        v=NOISE[norm].format(draws=DRAWS.format(seed=seed + 1)) + "\n" + RANDOM[norm],
        low=-REACH,
        high=REACH,
        grid=config.grid,
    )
    functions = [UNIT] * (norm == "l2") + [_ascent(config), WITHIN[norm], _pgd(config)]
    return _joined(_head(config, (LOSS,)) + _asked(config), *functions, main)


def boundary(config: BoundaryConfig) -> str:
    """The program of DeepFool: leaves l2, the length of the change after each step until the class is lost."""
    victim = config.victim
    main = BOUNDARY.format(
        num_frames=config.num_frames,
        label=victim.label,
        name=victim.classes[victim.label],
        candidates=min(CANDIDATES, len(victim.classes)),
        further=FURTHER,
        longer=1 + config.overshoot,
    )
    return _joined(_head(config), main)


PROGRAMS: dict[type, Callable[[Any], str]] = {SweepConfig: sweep, PathConfig: path, BoundaryConfig: boundary}


def _joined(*blocks: str) -> str:
    return "\n\n\n".join(block.strip() for block in blocks if block) + "\n"


def _head(config: SweepConfig | PathConfig | BoundaryConfig, libraries: tuple[str, ...] = ()) -> str:
    return f"{imports(config.victim, libraries)}\n\n{setup(config.victim)}"


def _asked(config: SweepConfig | PathConfig) -> str:
    victim, targeted = config.victim, ATTACKS[config.attack].targeted
    asked = victim.goal if targeted else victim.label
    return ASKED.format(asked=asked, name=victim.classes[asked], aim="reached" if targeted else "lost")


def _ascent(config: SweepConfig | PathConfig) -> str:
    sign = "-" if ATTACKS[config.attack].targeted else ""
    return ASCENT.format(
        step=f"unit({sign}gradient)" if config.victim.settings.norm == "l2" else f"{sign}gradient.sign()"
    )


def _pgd(config: SweepConfig | PathConfig) -> str:
    settings = config.victim.settings
    start = START[settings.norm if settings.random_start else ""].format(seed=settings.seed).strip()
    return PGD.format(start=start, num_steps=settings.num_steps, step_share=settings.step_share)
