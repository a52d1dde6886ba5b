"""Knows the short torch program that measures one of the page's deep networks, layer by layer; does not run it."""

from dlcore.topics.depth import NUM_CLASSES, NUM_SEEDS, DepthConfig

MODULES = {"tanh": "nn.Tanh()", "sigmoid": "nn.Sigmoid()", "relu": "nn.ReLU()"}

NETWORK = '''\
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_iris
from torch import nn

inputs, labels = map(torch.tensor, load_iris(return_X_y=True))
inputs = (inputs - inputs.mean(dim=0)) / inputs.std(dim=0, correction=0)
generator = torch.Generator().manual_seed({seed})


def linear(fan_in, units, gain, bias):
    """Weights from N(0, gain²/fan_in). The page draws {num_seeds} networks side by side: this is the first."""
    layer = nn.Linear(fan_in, units, dtype=torch.float64)
    drawn = torch.randn({num_seeds}, fan_in, units, generator=generator, dtype=torch.float64)[0]
    layer.weight.data = (gain / fan_in**0.5 * drawn).T
    nn.init.constant_(layer.bias, bias)
    return layer


def rms(tensor):
    return tensor.square().mean().sqrt().item()


depth, width = {depth}, {width}
readout = linear(width, {num_classes}, gain=1.0, bias=0.0)  # first: a deeper network then has the same lower layers
hidden = [linear(fan_in, width, gain={gain!r}, bias={bias!r}) for fan_in in [4] + [width] * (depth - 1)]
net = nn.Sequential(*(module for layer in hidden for module in (layer, {module})), readout)
'''

PASSES = """\
outputs = [inputs]
for module in net:
    outputs.append(module(outputs[-1]))
    outputs[-1].retain_grad()  # autograd keeps the gradients of parameters only
F.cross_entropy(outputs[-1], labels).backward()

*layers, _ = outputs[1:]  # z and a of layer 1, z and a of layer 2, ...
a = np.array([rms(layer) for layer in layers[1::2]])
grad_z = np.array([len(inputs) * rms(z.grad) for z in layers[::2]])  # of one flower's loss: backward() had the mean
grad_w = np.array([layer.weight.grad.norm().item() for layer in hidden])
"""

DEAD = "dead = np.array([(layer == 0).all(dim=0).sum().item() for layer in layers[1::2]])\n"


def program(config: DepthConfig) -> str:
    """The program for the first seed's network with the config's activation, as text that runs as it is.

    It prints, and leaves as arrays (L,), the root mean square of the activations `a` and of ∂E/∂z `grad_z`, the norm
    of ∂E/∂W `grad_w`, and for ReLU how many are `dead`: the page's own numbers.
    """
    network = NETWORK.format(
        seed=config.seed,
        num_seeds=NUM_SEEDS,
        depth=config.depth,
        width=config.width,
        num_classes=NUM_CLASSES,
        gain=float(config.gain),
        bias=float(config.bias),
        module=MODULES[config.activation],
    )
    is_relu = config.activation == "relu"
    return f"{network}\n{PASSES}{DEAD if is_relu else ''}{_printing(is_relu)}"


def _printing(is_relu: bool) -> str:
    dead = ", {dead[k]} dead" if is_relu else ""
    return f"""\
for k in range(depth):
    print(f"layer {{k + 1}}: a {{a[k]:.3g}}, ∂E/∂z {{grad_z[k]:.3g}}, ∂E/∂W {{grad_w[k]:.3g}}{dead}")
"""
