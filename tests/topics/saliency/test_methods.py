"""All methods behind one call: their shapes, that they leave no trace, and where they must agree."""

import copy

import pytest
import torch
from torch import Tensor, nn

from dlcore.topics.images.gradients import magnitude, signed
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.methods import METHODS, answer, attribute, attribute_all, strength
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings
from tests.topics.saliency.small_nets import Function, SmallNet, linear, pictures

NET = SmallNet(channels=3, seed=1)
IMAGES = pictures(3, 3, 16, seed=2)
TARGETS = [Target(0), Target(1, 2), Target(2)]
FEW = MethodSettings(num_samples=6, num_steps=40, window=4, stride=2, num_regions=9, num_masks=60)
EVERY = pytest.mark.parametrize("name", METHODS)


def test_they_come_in_the_order_of_the_lesson() -> None:
    expected = "gradient input smoothgrad smoothgrad_squared vargrad integrated gradcam guided occlusion lime shap"
    assert list(METHODS) == expected.split()


@EVERY
def test_a_map_has_the_pictures_size_and_no_history(name: str) -> None:
    found = attribute(name, NET, IMAGES[0], TARGETS[0], FEW)
    assert found.values.shape[1:] == found.signed.shape == found.magnitude.shape == (16, 16)
    assert found.values.shape[0] == (1 if name in ("gradcam", "occlusion", "lime", "shap") else 3)
    assert found.values.dtype == torch.float32
    assert not found.values.requires_grad
    assert found.values.abs().sum() > 0
    assert (found.magnitude >= 0).all()


@EVERY
def test_nothing_is_left_behind(name: str) -> None:
    net, images, chances = copy.deepcopy(NET), IMAGES.clone(), torch.get_rng_state()
    attribute(name, net, images[0], TARGETS[0], FEW)
    assert torch.equal(images, IMAGES)
    assert not images.requires_grad
    assert torch.equal(torch.get_rng_state(), chances), "the global generator was drawn from"
    assert not net.training
    for (key, tensor), before in zip(net.state_dict().items(), NET.state_dict().values(), strict=True):
        assert torch.equal(tensor, before), key
    for parameter in net.parameters():
        assert parameter.grad is None
        assert not parameter.requires_grad
    for module in net.modules():
        assert not module._forward_hooks
        assert not module._backward_hooks


@EVERY
def test_a_picture_of_a_batch_has_the_map_that_it_has_alone(name: str) -> None:
    together = attribute_all(name, NET, IMAGES, TARGETS, FEW)
    for image, target, found in zip(IMAGES, TARGETS, together, strict=True):
        alone = attribute(name, NET, image, target, FEW)
        assert torch.allclose(found.values, alone.values, rtol=1e-4, atol=1e-6)


@EVERY
def test_compared_with_a_class_the_other_way_round_signs_are_turned(name: str) -> None:
    one, other = (attribute(name, NET, IMAGES[1], target, FEW).values for target in (Target(1, 2), Target(2, 1)))
    if name in ("smoothgrad_squared", "vargrad"):
        assert torch.allclose(one, other, rtol=1e-4, atol=1e-7)
    elif name != "guided":  # which keeps only what is positive, and so is not linear in the score
        assert torch.allclose(one, -other, rtol=1e-3, atol=1e-5)


def test_for_a_linear_network_four_methods_are_one() -> None:
    net, image = linear(3, 16, seed=1), IMAGES[0].double()
    black = MethodSettings(baseline="black", window=1, stride=1, num_regions=256, regions="patches", num_masks=600)
    maps = {
        name: attribute(name, net, image, TARGETS[1], black).signed
        for name in ("input", "integrated", "occlusion", "shap")
    }
    for name, found in maps.items():
        assert torch.allclose(found, maps["input"], rtol=1e-4, atol=1e-4), name


@pytest.mark.parametrize("name", [name for name in METHODS if name != "gradcam"])
def test_a_pixel_that_the_network_never_reads_gets_nothing(name: str) -> None:
    class Half(nn.Module):
        """Reads the left half alone."""

        def __init__(self) -> None:
            super().__init__()
            self.net = SmallNet(channels=3, seed=1)

        def forward(self, images: Tensor) -> Tensor:
            return self.net(images[..., :8])

    fine = MethodSettings(
        num_samples=6, num_steps=10, window=1, stride=1, regions="patches", num_regions=16, num_masks=500
    )
    found = attribute(name, Half().eval(), IMAGES[0], TARGETS[0], fine).magnitude
    assert found[:, 8:].max() <= (0.05 if METHODS[name].regional else 0) * found.max()


@pytest.mark.parametrize("name", ["integrated", "shap"])
def test_shares_add_up_to_the_rise_from_the_baseline(name: str) -> None:
    question = Question(NET, IMAGES, TARGETS, FEW)
    for found, rise in zip(answer(name, question), question.rise, strict=True):
        assert found.total == pytest.approx(float(rise), abs=0.01 * float(question.rise.abs().max()))


def test_what_methods_share_is_computed_once() -> None:
    asked = []

    def counted(images: Tensor) -> Tensor:
        asked.append(len(images))
        return images.square().sum(dim=(1, 2, 3))

    question = Question(Function(counted), IMAGES, [Target(0)] * 3, FEW)
    smooth, squared, spread = (
        torch.stack([found.values for found in answer(name, question)])
        for name in ("smoothgrad", "smoothgrad_squared", "vargrad")
    )
    assert sum(asked) == 3 * FEW.num_samples
    assert torch.allclose(spread, squared - smooth.square(), atol=1e-5)
    lime, shap = (answer(name, question)[0] for name in ("lime", "shap"))
    assert lime.regions is shap.regions


def test_regions_hold_one_value_each() -> None:
    found = attribute("shap", NET, IMAGES[0], TARGETS[0], FEW)
    assert found.regions is not None
    assert found.shares is not None
    for number, share in enumerate(found.shares):
        assert (found.values[0][found.regions == number] == share).all()


def test_signs_and_sizes_are_summed_over_the_channels() -> None:
    values = torch.tensor([[[1.0, -2.0]], [[-3.0, -4.0]]])
    assert signed(values).tolist() == [[-2, -6]]
    assert magnitude(values).tolist() == [[4, 6]]
    assert strength("gradient", values).tolist() == [[4, 6]]
    assert strength("gradcam", values).tolist() == [[1, 0]]
    assert signed(values.expand(5, 2, 1, 2)).shape == (5, 1, 2)


def test_what_cannot_be_explained_is_refused_in_one_sentence() -> None:
    refused = {
        "method is 'lrp'": ("lrp", NET, IMAGES[0], TARGETS[0]),
        "no last_conv": ("gradcam", linear(3, 16, seed=1), IMAGES[0].double(), TARGETS[0]),
        "no nn.ReLU": ("guided", linear(3, 16, seed=1), IMAGES[0].double(), TARGETS[0]),
        "The class is 3": ("gradient", NET, IMAGES[0], Target(3)),
        "training mode": ("gradient", copy.deepcopy(NET).train(), IMAGES[0], TARGETS[0]),
        "images has shape": ("gradient", NET, IMAGES, TARGETS[0]),
        "images has pixels of torch.uint8": ("gradient", NET, (255 * IMAGES[0]).byte(), TARGETS[0]),
    }
    for reason, (name, net, image, target) in refused.items():
        with pytest.raises(ValueError, match=reason):
            attribute(name, net, image, target, FEW)
    with pytest.raises(ValueError, match="targets has 1"):
        attribute_all("gradient", NET, IMAGES, TARGETS[:1], FEW)
