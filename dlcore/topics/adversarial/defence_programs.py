"""Knows the short program behind each run on robust networks, with the present values; does not run it.

Each is plain PyTorch, takes of this project only its networks and pictures, and leaves its numbers in `found`.
"""

from collections.abc import Callable
from typing import Any

from dlcore.topics.adversarial.counted_programs import (
    ASCENT,
    HEAD,
    NEAREST,
    SOMEWHERE,
    STEEPEST,
    WITHIN,
    attack_code,
    joined,
)
from dlcore.topics.adversarial.defence import step_seed
from dlcore.topics.adversarial.hardening import BATCH, TEST, HardeningConfig
from dlcore.topics.adversarial.twins import BATCH as AT_ONCE
from dlcore.topics.adversarial.twins import TwinsConfig
from dlcore.training.recipes import DIGITS

GROWN = "from dlcore.topics.images.measures import grown  # a mask with the object's edge\n"
TWINS = """
images, labels, masks = held("{data}", {num_images}, seed={seed})
epsilons = {epsilons}
found, aligned = {{}}, {{}}
for name in {names}:
    net = network(name)
    right = torch.zeros(len(epsilons))
    for first in range(0, {num_images}, {batch}):
        x, y = images[first : first + {batch}], labels[first : first + {batch}]
        for i, epsilon in enumerate(epsilons):
            generator = torch.Generator().manual_seed({attack_seed}first)
            right[i] += (net({attack}(net, x, y, epsilon / 255, generator)).argmax(dim=1) == y).sum()
    found[name] = 100 * right / {num_images}

    x = images.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(net(x).gather(1, labels[:, None]).sum(), x)
    strength = gradient.abs().sum(dim=1)  # of each pixel
    aligned[name] = ((strength * grown(masks)).sum(dim=(1, 2)) / strength.sum(dim=(1, 2))).mean()
    print(f"{{name}}: {{found[name].tolist()}} % right, {{aligned[name]:.0%}} of its gradient on the object")
"""

HARDENING_HEAD = """\
import torch
from torch.nn.functional import cross_entropy

from dlcore.datasets.digits import DigitsConfig
from dlcore.nets import fresh  # an untrained network
from dlcore.training.image_batches import Batches
from dlcore.training.recipes import DIGITS, digits, held_out

data = digits(DigitsConfig(num_train={num_train}, num_validation={num_validation}, num_test={all_tests}), "train")
batches = Batches(data, {batch}, seed={seed}, flip=False, shift={shift})
num_steps = {num_epochs} * batches.per_epoch
"""
PGD = """
def pgd(net, x, y, eps, generator, num_steps, step_share):
    moved = within(x + eps * somewhere(x, generator), x, eps)
    for _ in range(num_steps):
        moved = within(moved + step_share * eps * ascent(net, moved, y), x, eps)
    return moved
"""
TRAINED = """
def trained(robust):
    net = fresh("digits", torch.Generator().manual_seed({seed}))
    optimizer = torch.optim.AdamW(net.parameters(), lr={lr!r}, weight_decay={weight_decay!r})
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, {lr!r}, total_steps=num_steps, cycle_momentum=False)
    for step in range(num_steps):
        x, y = batches.at(step)
        if robust:  # against the network as it is now
            n, generator = round({share!r} * len(x)), torch.Generator().manual_seed({first_seed}step)
            moved = pgd(net.eval(), x[:n], y[:n], {epsilon!r} / 255, generator, {num_steps}, {step_share!r})
            x = torch.cat([moved, x[n:]])
        loss = cross_entropy(net.train()(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net.eval()
"""
ASKED = """
x, y = held_out(DIGITS, 0, {num_test})
found = {{}}
for name in ["plain", "robust"]:
    net = trained(robust=name == "robust")
    attacked = pgd(net, x, y, {epsilon!r} / 255, torch.Generator().manual_seed(0), {test_steps}, {test_share!r})
    found[name] = [100 * (net(images).argmax(dim=1) == y).float().mean().item() for images in (x, attacked)]
    print(f"{{name}}: {{found[name][0]:.1f}} % right, under PGD {{found[name][1]:.1f}} %")
"""


def twins(config: TwinsConfig) -> str:
    """Accuracy of both networks under the attack at every ε, and how much of their gradients is on the object."""
    settings = config.victim.settings
    body = TWINS.format(
        data=config.data,
        num_images=config.num_images,
        seed=config.seed,
        epsilons=list(config.epsilons),
        names=str(list(config.keys.values())).replace("'", '"'),
        batch=AT_ONCE,
        attack_seed=f"{settings.seed} + " if settings.seed else "",
        attack=config.attack,
    )
    return joined(HEAD + GROWN, *attack_code([config.attack], settings), body)


def hardening(config: HardeningConfig) -> str:
    """Both networks are trained; accuracy of each in the end, as the digits are and under PGD, in percent."""
    fit, adversary = config.fit, config.adversary
    first_seed = step_seed(config.seed, 0)
    values: dict[str, Any] = {
        "num_train": config.num_train,
        "num_validation": DIGITS.num_validation,
        "all_tests": DIGITS.num_test,
        "batch": BATCH,
        "seed": config.seed,
        "shift": fit.shift,
        "num_epochs": fit.num_epochs,
        "lr": fit.lr,
        "weight_decay": fit.weight_decay,
        "share": adversary.share,
        "first_seed": f"{first_seed} + " if first_seed else "",
        "epsilon": adversary.epsilon,
        "num_steps": adversary.num_steps,
        "step_share": adversary.step_share,
        "num_test": config.num_test,
        "test_steps": TEST.num_steps,
        "test_share": TEST.step_share,
    }
    attack = [ASCENT.format(steepest=STEEPEST["linf"]), WITHIN.format(nearest=NEAREST["linf"]), SOMEWHERE["linf"], PGD]
    return joined(HARDENING_HEAD.format(**values), *attack, TRAINED.format(**values), ASKED.format(**values))


PROGRAMS: dict[type, Callable[[Any], str]] = {TwinsConfig: twins, HardeningConfig: hardening}
