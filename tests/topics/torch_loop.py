"""The lesson's networks once more, in torch, number by number under the same names, and a right training loop."""

from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcore.topics.backprop_config import BackpropConfig

Named = Mapping[str, Tensor]
Numbers = Mapping[str, float]
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
}


def right_turn(
    config: BackpropConfig, parameters: Numbers, batch: Sequence[Numbers]
) -> tuple[list[dict[str, float]], dict[str, float]]:
    """One turn of the loop: .grad of everything after each sample's backward(), and the parameters after the step.

    batch: the inputs and targets of its samples, by name.
    """
    w = {
        name: torch.tensor(float(number), dtype=torch.float64, requires_grad=True)
        for name, number in parameters.items()
    }
    optimizer = torch.optim.SGD(list(w.values()), lr=config.lr)
    optimizer.zero_grad()
    grads = []
    for sample in batch:
        data = {
            name: torch.tensor(float(number), dtype=torch.float64, requires_grad=name.startswith("x"))
            for name, number in sample.items()
        }
        made = NETWORKS[config.network](config, {**w, **data})
        for number in made.values():
            number.retain_grad() if number.requires_grad else None
        (list(made.values())[-1] / len(batch)).backward()
        grads.append({name: n.grad.item() for name, n in {**w, **data, **made}.items() if n.grad is not None})
    optimizer.step()
    return grads, {name: number.item() for name, number in w.items()}


def neuron(config: BackpropConfig, v: Named) -> dict[str, Tensor]:
    m1, m2 = v["w1"] * v["x1"], v["w2"] * v["x2"]
    z = m1 + m2 + v["b"]
    a = ACTIVATIONS[config.activation](z)
    return {"m1": m1, "m2": m2, "z": z, "a": a, "E": (a - v["y"]) ** 2 / 2}


def textbook(_: BackpropConfig, v: Named) -> dict[str, Tensor]:
    z1 = v["w1"] * v["x1"] + v["w2"] * v["x2"] + v["b1"]
    z2 = v["w3"] * v["x1"] + v["w4"] * v["x2"] + v["b1"]
    a1, a2 = torch.sigmoid(z1), torch.sigmoid(z2)
    z3 = v["w5"] * a1 + v["w6"] * a2 + v["b2"]
    z4 = v["w7"] * a1 + v["w8"] * a2 + v["b2"]
    a3, a4 = torch.sigmoid(z3), torch.sigmoid(z4)
    e1, e2 = (a3 - v["y1"]) ** 2 / 2, (a4 - v["y2"]) ** 2 / 2
    made = {"z1": z1, "z2": z2, "a1": a1, "a2": a2, "z3": z3, "z4": z4, "a3": a3, "a4": a4}
    return {**made, "E1": e1, "E2": e2, "E": e1 + e2}


def mlp(config: BackpropConfig, v: Named) -> dict[str, Tensor]:
    made: dict[str, Tensor] = {}
    inputs = [v["x1"], v["x2"]]
    for number, (letter, width) in enumerate(zip("uvwq", config.shape, strict=False), 1):
        for i in range(1, width + 1):
            products = [v[f"{letter}{i}{j}"] * x for j, x in enumerate(inputs, 1)]
            made[f"z{number}{i}"] = torch.stack(products).sum() + v[f"b{number}{i}"]
            made[f"a{number}{i}"] = ACTIVATIONS[config.activation](made[f"z{number}{i}"])
        inputs = [made[f"a{number}{i}"] for i in range(1, width + 1)]
    made["z"] = torch.stack([v[f"o{j}"] * x for j, x in enumerate(inputs, 1)]).sum() + v["b"]
    made["p"] = torch.sigmoid(made["z"])
    entropy = config.loss == "cross-entropy"
    made["E"] = F.binary_cross_entropy(made["p"], v["y"]) if entropy else F.mse_loss(made["p"], v["y"]) / 2
    return made


def softmax(_: BackpropConfig, v: Named) -> dict[str, Tensor]:
    made = {f"e{i}": torch.exp(v[f"z{i}"]) for i in (1, 2, 3)}
    made["s"] = made["e1"] + made["e2"] + made["e3"]
    made |= {f"p{i}": made[f"e{i}"] / made["s"] for i in (1, 2, 3)}
    made |= {f"l{i}": torch.log(made[f"p{i}"]) for i in (1, 2, 3)}
    made |= {f"t{i}": v[f"y{i}"] * made[f"l{i}"] for i in (1, 2, 3)}
    made["n"] = made["t1"] + made["t2"] + made["t3"]
    return {**made, "E": -made["n"]}


def conv(_: BackpropConfig, v: Named) -> dict[str, Tensor]:
    made: dict[str, Tensor] = {}
    for i in range(1, 5):
        for j in range(1, 5):
            window = [v[f"k{k}{m}"] * v[f"x{i + k - 1}{j + m - 1}"] for k in (1, 2) for m in (1, 2)]
            made[f"c{i}{j}"] = torch.stack(window).sum() + v["b"]
    for i in (1, 2):
        for j in (1, 2):
            window = [made[f"c{2 * i - k}{2 * j - m}"] for k in (1, 0) for m in (1, 0)]
            made[f"h{i}{j}"] = torch.stack(window).max(dim=0).values
    pooled = [made[name] for name in ("h11", "h12", "h21", "h22")]
    made["o"] = torch.stack([v[f"w{i}"] * h for i, h in enumerate(pooled, 1)]).sum() + v["d"]
    return {**made, "E": (made["o"] - v["y"]) ** 2 / 2}


def formula(_: BackpropConfig, v: Named) -> dict[str, Tensor]:
    """tanh(w*x + b) * x."""
    v1 = v["w"] * v["x"]
    v2 = v1 + v["b"]
    v3 = torch.tanh(v2)
    return {"v1": v1, "v2": v2, "v3": v3, "f": v3 * v["x"]}


NETWORKS: dict[str, Callable[[BackpropConfig, Named], dict[str, Tensor]]] = {
    "neuron": neuron,
    "textbook": textbook,
    "mlp": mlp,
    "softmax": softmax,
    "conv": conv,
    "formula": formula,
}
