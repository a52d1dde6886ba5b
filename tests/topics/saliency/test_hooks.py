"""Grad-CAM and guided backpropagation, against captum and by hand; and that they leave no trace."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcore.topics.images.gradients import gradient
from dlcore.topics.images.targets import Target, pairs
from dlcore.topics.saliency.hooks import grad_cam, guided_backprop, hookable
from tests.topics.saliency.small_nets import Function, SmallNet, linear, pictures

NET = SmallNet(channels=3, seed=1)
IMAGES = pictures(3, 3, 16, seed=2)
ASKED = pairs([Target(0), Target(1), Target(2)])


class ReusedReLU(nn.Module):
    """One ReLU, in place, used twice, as torchvision's residual networks have it."""

    last_conv = None

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 3, 3)
        self.relu = nn.ReLU(inplace=True)
        for tensor in self.state_dict().values():
            tensor.copy_(pictures(1, 1, 200, seed=3).flatten()[: tensor.numel()].reshape(tensor.shape) - 0.4)
        self.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Tensor:
        return self.relu(self.second(self.relu(self.first(images)))).mean(dim=(2, 3))


@pytest.mark.filterwarnings("ignore:Setting backward hooks", "ignore:Input Tensor 0 did not already")
@pytest.mark.parametrize("net", [NET, ReusedReLU()], ids=["small", "reused"])
def test_guided_backpropagation_is_captums(net: nn.Module) -> None:
    from captum.attr import GuidedBackprop

    theirs = GuidedBackprop(hookable(net)).attribute(IMAGES.clone(), target=[0, 1, 2])
    assert theirs.abs().sum() > 0
    assert torch.allclose(guided_backprop(net, IMAGES, ASKED), theirs, atol=1e-7)
    assert not torch.allclose(theirs, gradient(net, IMAGES, ASKED), atol=1e-4)


def test_guided_backpropagation_drops_what_speaks_against_the_class() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Flatten(), nn.Linear(4, 1, bias=False)).eval()
    net[2].weight.data = torch.tensor([[1.0, -2.0, 3.0, -4.0]])
    image = torch.ones(1, 1, 2, 2)
    assert gradient(net, image, ASKED[:1]).flatten().tolist() == [1, -2, 3, -4]
    assert guided_backprop(net, image, ASKED[:1]).flatten().tolist() == [1, 0, 3, 0]


def test_behind_a_mean_of_maps_grad_cam_is_cam() -> None:
    """Selvaraju et al., section 3.1: the weight of a map is that of the linear layer, over its number of cells."""
    maps = NET.stages(IMAGES)
    cam = torch.einsum("bk,bkij->bij", NET.head.weight, maps)[:, None] / maps[0, 0].numel()
    expected = F.interpolate(cam, (16, 16), mode="bilinear")
    assert torch.allclose(grad_cam(NET, IMAGES, ASKED), expected, atol=1e-6)


def test_compared_with_another_class_grad_cam_is_the_difference() -> None:
    one, other = (grad_cam(NET, IMAGES, pairs([Target(label)] * 3)) for label in (1, 2))
    both = grad_cam(NET, IMAGES, pairs([Target(1, 2)] * 3))
    assert torch.allclose(both, one - other, atol=1e-6)
    assert both.shape == (3, 1, 16, 16)


def test_a_network_without_what_they_need_is_refused() -> None:
    with pytest.raises(ValueError, match="this network has no last_conv"):
        grad_cam(linear(3, 16, seed=0), IMAGES.double(), ASKED)
    with pytest.raises(ValueError, match="this network has no last_conv"):
        grad_cam(ReusedReLU(), IMAGES, ASKED)
    with pytest.raises(ValueError, match=r"this network has no nn\.ReLU"):
        guided_backprop(Function(lambda images: images.relu()), IMAGES, ASKED)


def test_a_hookable_copy_has_modules_of_its_own_around_the_same_weights() -> None:
    own = hookable(NET)
    assert not {id(module) for module in own.modules()} & {id(module) for module in NET.modules()}
    assert [tensor.data_ptr() for tensor in own.parameters()] == [tensor.data_ptr() for tensor in NET.parameters()]
    assert [tensor.data_ptr() for tensor in own.buffers()] == [tensor.data_ptr() for tensor in NET.buffers()]


@pytest.mark.parametrize("method", [grad_cam, guided_backprop])
def test_the_network_keeps_no_hook(method: Callable[..., Tensor]) -> None:
    net = ReusedReLU() if method is guided_backprop else SmallNet(channels=3, seed=4)
    method(net, IMAGES, ASKED)
    for module in net.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
        assert not module._backward_hooks
        assert not module._backward_pre_hooks
        assert getattr(module, "inplace", True) or not isinstance(net, ReusedReLU)


def test_sessions_that_share_a_network_do_not_disturb_one_another() -> None:
    """With hooks on the shared modules a gradient beside guided backpropagation is wrong nearly every time."""
    methods = (gradient, guided_backprop, grad_cam)
    alone = [method(NET, IMAGES, ASKED) for method in methods]

    def often(method: Callable[..., Tensor]) -> list[Tensor]:
        return [method(NET, IMAGES, ASKED) for _ in range(150)]

    with ThreadPoolExecutor(len(methods)) as threads:
        together = list(threads.map(often, methods))
    for expected, found in zip(alone, together, strict=True):
        assert all(torch.equal(expected, values) for values in found)
