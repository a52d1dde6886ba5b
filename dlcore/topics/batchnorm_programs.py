"""Knows the short torch programs of the lesson on batch norm: the transform by hand; runs none of them."""

from torch import Tensor

from dlcore.topics.batchnorm_config import TransformConfig
from dlcore.topics.batchnorm_walk import Given, Walk, running, steps

#: How the numbers that share a mean are laid out, and along which axis they lie.
AXES = {"batch": 0, "layer": 1, "group": 2}

FORWARD = {
    "mean": "mu = x.mean({axis})",
    "variance": "var = ((x - mu) ** 2).mean({axis})  # biased",
    "normal": "x_hat = (x - mu) / (var + eps).sqrt()",
    "y": "y = gamma * {x_hat} + beta",
}
RUNNING = (
    "running_mu = (1 - momentum) * running_mu + momentum * mu",
    "running_var = (1 - momentum) * running_var + momentum * var * m / (m - 1)",
)
GIVEN = {
    "normal": "x_hat = (x - running_mu) / (running_var + eps).sqrt()",
    "y": "y = gamma * x_hat + beta",
}
BACKWARD = {
    "dgamma": "d_gamma = (dy * {x_hat}).sum(dim=0)",
    "dbeta": "d_beta = dy.sum(dim=0)",
    "dnormal": "d_hat = {d_hat}",
    "dvariance": "d_var = (d_hat * (x - mu)).sum({axis}) * -0.5 * (var + eps) ** -1.5",
    "dmean": "d_mu = -d_hat.sum({axis}) / (var + eps).sqrt()",
    "dx": "dx = d_hat / (var + eps).sqrt() + d_var * 2 * (x - mu) / m + d_mu / m",
}
GIVEN_BACK = {
    **{step: BACKWARD[step] for step in ("dgamma", "dbeta", "dnormal")},
    "dx": "dx = d_hat / (running_var + eps).sqrt()",
}


def lines(config: TransformConfig) -> tuple[list[str], list[int]]:
    """The lines that stand beside the picture, and which of them each frame has just run; −1: none yet."""
    order = steps(config)
    told = [_line(config, step) for step in order[1:] if step != "running"]
    if order[-1] == "running":
        told += RUNNING
    return told, [-1, *range(len(order) - 1)]


def program(found: Walk) -> str:
    """The whole transform of this mini-batch, forward and back, as text that runs as it is.

    It leaves `y`, `d_gamma`, `d_beta` and `dx`, and asserts that torch's own module gives the same.
    """
    config, given = found.config, found.given
    forward = GIVEN if config.uses_given else FORWARD
    backward = GIVEN_BACK if config.uses_given else BACKWARD
    body = [_line(config, step) for step in forward]
    if found.after is not None:
        body += RUNNING
    body += [_line(config, step) for step in backward]
    if config.norm == "group":
        body += ["dx = dx.flatten(1)"]
    return "\n".join([*_beginning(config, given), *body, "", *_torch(found), ""])


def _line(config: TransformConfig, step: str) -> str:
    text = ({**GIVEN, **GIVEN_BACK} if config.uses_given else {**FORWARD, **BACKWARD})[step]
    grouped = config.norm == "group"
    return text.format(
        axis=f"dim={AXES[config.norm]}" + ("" if config.norm == "batch" else ", keepdim=True"),
        x_hat="x_hat.flatten(1)" if grouped else "x_hat",
        d_hat="(gamma * dy).view_as(x)" if grouped else "gamma * dy",
    )


def _beginning(config: TransformConfig, given: Given) -> list[str]:
    members = config.sets.members
    found = [
        "import torch",
        "",
        f"x = torch.tensor({_numbers(given.x)}, dtype=torch.float64)  # (samples, features)",
        f"gamma, beta = torch.tensor({_numbers(given.gamma)}).double(), torch.tensor({_numbers(given.beta)}).double()",
        f"dy = torch.tensor({_numbers(given.grad)}, dtype=torch.float64)  # the gradient that comes back",
        f"eps, m = {config.eps!r}, {members}  # m numbers share a mean",
    ]
    if config.norm == "batch":
        before = running(config, given)
        found += [
            f"momentum = {config.momentum!r}  # torch's: the weight of the new batch",
            f"running_mu = torch.tensor({before.mean.tolist()}, dtype=torch.float64)",
            f"running_var = torch.tensor({before.variance.tolist()}, dtype=torch.float64)",
        ]
    found += ["", "inputs = x"]
    if config.norm == "group":
        found += [f"x = x.unflatten(1, ({config.groups}, -1))  # (samples, groups, features of a group)"]
    return found


def _torch(found: Walk) -> list[str]:
    """torch's own layer on the same numbers."""
    config = found.config
    make = {
        "batch": f"BatchNorm1d({config.features}, eps=eps, momentum=momentum)",
        "layer": f"LayerNorm({config.features}, eps=eps)",
        "group": f"GroupNorm({config.groups}, {config.features}, eps=eps)",
    }[config.norm]
    text = ["# The same from torch's own layer.", f"layer = torch.nn.{make}.double()"]
    text += ["with torch.no_grad():", "    layer.weight.copy_(gamma)", "    layer.bias.copy_(beta)"]
    if config.uses_given:
        text += ["layer.running_mean, layer.running_var = running_mu, running_var", "layer.eval()"]
    text += ["inputs.requires_grad_()"]
    if found.refusal:
        text += ["try:", "    layer(inputs)", "except ValueError as error:", "    print(error)"]
        return text
    return [
        *text,
        "layer(inputs).backward(dy)",
        "for ours, theirs in ((dx, inputs.grad), (d_gamma, layer.weight.grad), (d_beta, layer.bias.grad)):",
        "    torch.testing.assert_close(ours.detach(), theirs)",
        'print(y.detach(), inputs.grad, sep="\\n")',
    ]


def _numbers(tensor: Tensor) -> str:
    """As Python writes them, short where they are short."""
    return repr(tensor.tolist())
