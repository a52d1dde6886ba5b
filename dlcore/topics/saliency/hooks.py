"""Methods that reach into a network: Grad-CAM at its last convolution, guided backpropagation at every ReLU.

Knows how to do so without a trace: other sessions use the same network at the same time, so hooks are set on modules of
this call's own. Source: Selvaraju et al., Grad-CAM (2017); Springenberg et al., Striving for simplicity (2014).
"""

import copy
from typing import cast

import torch
from torch import Tensor, nn

from dlcore.topics.images.chunks import backward_chunk, in_chunks
from dlcore.topics.images.gradients import gradient
from dlcore.topics.images.targets import scores

Gradients = tuple[Tensor, ...] | Tensor  # as torch hands them to a hook: here always one in a tuple


def hookable(net: nn.Module) -> nn.Module:
    """A copy with modules of its own, on which hooks may be set, around the very same weights."""
    weights = {id(tensor): tensor for tensor in (*net.parameters(), *net.buffers())}
    return copy.deepcopy(net, weights)


def guided_backprop(net: nn.Module, images: Tensor, asked: Tensor) -> Tensor:
    """The gradient, where each ReLU passes back only what is positive, (batch, channels, height, width).

    Raises:
        ValueError: the network has no `nn.ReLU` modules; called as functions they cannot be reached.
    """
    if reason := lacks_relus(net):
        raise ValueError(reason)
    own = hookable(net)
    for module in own.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False  # torch sets no such hook on a module that overwrites its input
            module.register_full_backward_hook(_only_positive)
    return gradient(own, images, asked)


def grad_cam(net: nn.Module, images: Tensor, asked: Tensor) -> Tensor:
    """Σ_k α_k A^k, α_k the mean of ∂ score / ∂ A^k, enlarged to (batch, 1, height, width); signs are kept.

    Raises:
        ValueError: the network does not name its last convolution.
    """
    from captum.attr import LayerAttribution, LayerGradCam

    if reason := lacks_last_conv(net):
        raise ValueError(reason)
    own = hookable(net)
    layer = own.last_conv
    assert isinstance(layer, nn.Module)
    cam = LayerGradCam(lambda inputs, asked: scores(own(inputs), asked), layer)
    chunk = backward_chunk(images)
    maps = [
        cast(Tensor, cam.attribute(part, additional_forward_args=pairs))
        for part, pairs in in_chunks(chunk, images, asked)
    ]
    return LayerAttribution.interpolate(torch.cat(maps), tuple(images.shape[2:]), "bilinear")


def lacks_relus(net: nn.Module) -> str:
    """Why guided backpropagation cannot explain this network, or ""."""
    if any(isinstance(module, nn.ReLU) for module in net.modules()):
        return ""
    return "Guided backpropagation changes how ReLUs pass gradients back, and this network has no nn.ReLU."


def lacks_last_conv(net: nn.Module) -> str:
    """Why Grad-CAM cannot explain this network, or ""."""
    if isinstance(getattr(net, "last_conv", None), nn.Module):
        return ""
    return "Grad-CAM reads the last convolution's maps, and this network has no last_conv."


def _only_positive(_: nn.Module, grad_inputs: Gradients, __: Gradients) -> tuple[Tensor]:
    return (grad_inputs[0].clamp(min=0),)
