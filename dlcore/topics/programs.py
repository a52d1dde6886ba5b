"""Knows the short torch program that runs a given race; does not run it."""

from collections.abc import Mapping

from dlcore.topics.descent import RaceConfig
from dlcore.topics.landscape import Surface
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.rates import with_best_rates

LECTURE_MOMENTUM = '''\
class LectureMomentum(torch.optim.Optimizer):
    """v <- mu v - lr g;  w <- w + v"""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                g = w.grad + group["weight_decay"] * w
                v = self.state[w].setdefault("v", torch.zeros_like(w))
                v.mul_(group["mu"]).sub_(group["lr"] * g)
                w.add_(v)
'''

UNCORRECTED_ADAM = '''\
class UncorrectedAdam(torch.optim.Optimizer):
    """Adam without its bias correction: m and v as they are."""

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                g = w.grad + group["weight_decay"] * w
                m = self.state[w].setdefault("m", torch.zeros_like(w))
                v = self.state[w].setdefault("v", torch.zeros_like(w))
                m.lerp_(g, 1 - group["beta1"])
                v.lerp_(g * g, 1 - group["beta2"])
                w.sub_(group["lr"] * m / (v.sqrt() + group["eps"]))
'''

BATCHES = '''\
def batches(generator):
    """A fresh permutation of the samples every epoch, cut into batches."""
    while True:
        yield from torch.randperm({num_samples}, generator=generator).split({batch_size})
'''


def program(config: RaceConfig, surface: Surface) -> str:
    """The program that walks this race's very paths with torch.optim, as text that runs as it is.

    It prints every optimizer's last point and loss, and leaves `paths`: name -> (num_steps + 1, 2).
    """
    if config.rates == "best":
        config = with_best_rates(config)
    imports = "import math\n\n" if config.schedule == "exponential" else ""
    parts = [
        surface.setup.strip() or "import torch",
        *definitions(config, surface),
        settings(config),
        loop(config, surface),
    ]
    return imports + "\n\n\n".join(part.strip() for part in parts) + "\n"


def uses_batches(config: RaceConfig, surface: Surface) -> bool:
    """Whether the race sees less than all samples at a step."""
    return 0 < config.batch_size < surface.num_samples


def is_uncorrected(config: RaceConfig, optimizer: str) -> bool:
    """Whether this is Adam with its bias correction off, which torch does not offer."""
    return not config.hyper_of(optimizer).get("correct", 1)


def definitions(config: RaceConfig, surface: Surface) -> list[str]:
    """The loss, the batches, and the rules that torch.optim does not have."""
    arguments = "x, y, batch=slice(None)" if surface.setup else "x, y"
    parts = [f"def f({arguments}):\n    return {surface.code}"]
    if uses_batches(config, surface):
        parts.append(BATCHES.format(num_samples=surface.num_samples, batch_size=config.batch_size))
    if "momentum-lecture" in config.optimizers:
        parts.append(LECTURE_MOMENTUM)
    if any(is_uncorrected(config, name) for name in config.optimizers):
        parts.append(UNCORRECTED_ADAM)
    return parts


def settings(config: RaceConfig) -> str:
    """The start, the length of the run, and how to make each optimizer."""
    makers = [f'    "{name}": lambda params: {constructor(config, name)},' for name in config.optimizers]
    return "\n".join(
        [
            f"start = torch.tensor([{float(config.x0)!r}, {float(config.y0)!r}], dtype=torch.float64)",
            f"num_steps = {config.num_steps}",
            "optimizers = {",
            *makers,
            "}",
            "paths = {}",
        ]
    )


def constructor(config: RaceConfig, name: str) -> str:
    """The call that makes one optimizer for `params`, with the present values."""
    values: dict[str, object] = {"lr": config.rate_of(name), **config.hyper_of(name)}
    if name == "momentum-lecture" or is_uncorrected(config, name):
        values.pop("correct", None)
        values["weight_decay"] = config.weight_decay
        custom = "LectureMomentum" if name == "momentum-lecture" else "UncorrectedAdam"
        pairs = ", ".join(f'"{key}": {value!r}' for key, value in values.items())
        return f"{custom}(params, {{{pairs}}})"
    if config.weight_decay or name == "adamw":  # AdamW alone decays by default
        values["weight_decay"] = config.weight_decay
    arguments = ", ".join(f"{key}={value!r}" for key, value in in_torch_words(name, values).items())
    return f"torch.optim.{OPTIMIZERS[name].torch}(params, {arguments})"


def in_torch_words(name: str, values: Mapping[str, object]) -> dict[str, object]:
    """The same settings under the names that torch.optim gives them."""
    words = {"mu": "momentum", "gamma": "alpha"}
    spoken = {words.get(key, key): value for key, value in values.items() if key not in ("beta1", "beta2", "correct")}
    if "beta1" in values:
        spoken = {"lr": spoken.pop("lr"), "betas": (values["beta1"], values["beta2"]), **spoken}
    if name == "nesterov" and values["mu"]:  # torch refuses nesterov=True without momentum: it is plain SGD then
        spoken["nesterov"] = True
    return spoken


def scheduler(config: RaceConfig) -> str:
    """The call that makes the learning rate's schedule for `optimizer`; empty for a constant rate."""
    call = {
        "constant": "",
        "step": f"StepLR(optimizer, step_size={config.period}, gamma={config.decay!r})",
        "exponential": f"ExponentialLR(optimizer, gamma=math.exp(-{config.decay!r}))",
        "time-based": f"LambdaLR(optimizer, lambda t: 1 / (1 + {config.decay!r} * t))",
        "cosine": f"CosineAnnealingLR(optimizer, T_max={config.num_steps})",
        "warm-restarts": f"CosineAnnealingWarmRestarts(optimizer, T_0={config.period})",
    }[config.schedule]
    return call and f"torch.optim.lr_scheduler.{call}"


def loop(config: RaceConfig, surface: Surface) -> str:
    """The training loop, with no line for what is switched off."""
    in_batches, schedule = uses_batches(config, surface), scheduler(config)
    sigma = f"{config.noise!r} / (1 + step) ** {config.noise_decay!r}"
    lines = [
        "for name, make in optimizers.items():",
        "    w = start.clone().requires_grad_()",
        "    optimizer = make([w])",
        f"    scheduler = {schedule}" if schedule else "",
        f"    generator = torch.Generator().manual_seed({config.seed})" if in_batches or config.noise else "",
        "    path = [start]",
        "    for step, batch in zip(range(num_steps), batches(generator)):"
        if in_batches
        else "    for step in range(num_steps):",
        "        optimizer.zero_grad()",
        f"        f(*w{', batch' if in_batches else ''}).backward()",
        f"        w.grad += {sigma} * torch.randn(2, generator=generator, dtype=torch.float64)" if config.noise else "",
        f"        torch.nn.utils.clip_grad_norm_([w], max_norm={config.clip!r})" if config.clip else "",
        "        optimizer.step()",
        "        scheduler.step()" if schedule else "",
        "        path.append(w.detach().clone())",
        "    paths[name] = torch.stack(path)",
        "    x, y = path[-1].tolist()",
        '    print(f"{name}: ({x:.6g}, {y:.6g}), f = {f(*path[-1]).item():.6g}")',
    ]
    return "\n".join(line for line in lines if line)
