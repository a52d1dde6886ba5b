"""The networks that lessons share: their parts can be looked into, and their weights come from a seed."""

import copy
from collections import Counter

import pytest
import torch
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.nets import NETS, ConvNet, Normalise, fresh, redraw

SHAPES = {"plain": (3, 64, 64), "residual": (3, 64, 64), "digits": (1, 8, 8)}


@pytest.fixture(params=NETS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def net(name: str) -> ConvNet:
    return fresh(name, generator(0)).eval()


def images(name: str, num: int = 4) -> Tensor:
    return torch.rand(num, *SHAPES[name], generator=generator(1))


def test_a_logit_for_each_of_ten_classes(name: str, net: ConvNet):
    assert net(images(name)).shape == (4, 10)


@pytest.mark.parametrize(("name", "said"), [("plain", 115_000), ("residual", 120_000), ("digits", 24_000)])
def test_the_numbers_of_parameters_are_as_said(name: str, said: int):
    assert sum(value.numel() for value in NETS[name]().parameters()) == pytest.approx(said, rel=0.005)


def test_the_layers_hold_every_parameter_once_and_go_from_the_head_to_the_input(net: ConvNet):
    layers = net.layers()
    held = [parameter for _, part in layers for parameter in part.parameters()]
    assert Counter(map(id, held)) == Counter(map(id, net.parameters()))
    order = [name for name, _ in net.named_modules()]
    places = [order.index(next(name for name, module in net.named_modules() if module is part)) for _, part in layers]
    assert places == sorted(places, reverse=True)
    assert layers[0][0] == "classifier"
    assert layers[-1][0] == "convolution 1"
    assert len({words for words, _ in layers}) == len(layers)


def test_every_relu_is_used_once_and_leaves_its_input_alone(name: str, net: ConvNet):
    copied = copy.deepcopy(net)
    relus = [module for module in copied.modules() if isinstance(module, nn.ReLU)]
    calls: Counter[int] = Counter()
    for module in relus:
        module.register_forward_hook(lambda module, _, __: calls.update([id(module)]))
    copied(images(name))
    assert not any(module.inplace for module in relus)
    assert calls == {id(module): 1 for module in relus}


def test_grad_cam_on_the_last_maps_is_the_class_activation_map(name: str, net: ConvNet):
    """The gradient of a logit by the last maps is the class's weight over the number of cells, in every cell."""
    copied, seen = copy.deepcopy(net), []
    copied.last_conv.register_forward_hook(lambda _, __, maps: seen.append(maps))
    logit = copied(images(name))[:, 3].sum()
    (slope,) = torch.autograd.grad(logit, seen)
    weight = net.classifier.weight[3] / (slope.shape[2] * slope.shape[3])
    torch.testing.assert_close(slope, weight[None, :, None, None].expand_as(slope))
    assert seen[0].min() == 0  # after the ReLU


def test_pixels_are_normalised_inside_and_the_numbers_for_it_are_kept(net: ConvNet):
    normalise = Normalise([0.5, 0.2], [0.25, 0.1])
    pixels = torch.stack([torch.full((3, 3), 1.0), torch.full((3, 3), 0.1)])[None]
    assert normalise(pixels).mean(dim=(0, 2, 3)).tolist() == pytest.approx([2, -1])
    assert {"normalise.mean", "normalise.std"} < net.state_dict().keys()
    assert not any(part is normalise for part in net.parameters())


def test_an_answer_does_not_depend_on_the_batch(name: str, net: ConvNet):
    together = net(images(name))
    alone = torch.cat([net(image[None]) for image in images(name)])
    torch.testing.assert_close(together, alone)


def test_the_shortcuts_are_all_that_makes_the_residual_net_another():
    plain, residual = NETS["plain"](), NETS["residual"]()
    for part in residual.stages:
        if hasattr(part, "shortcut"):
            part.shortcut = nn.Identity()
    assert sum(p.numel() for p in residual.parameters()) == sum(p.numel() for p in plain.parameters())


# Weights


def test_equal_seeds_give_equal_weights(name: str):
    one, same, other = (fresh(name, generator(seed)).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(value, same[key]) for key, value in one.items())
    assert not torch.equal(one["classifier.weight"], other["classifier.weight"])


def test_fresh_weights_have_he_s_variance(name: str):
    for part in fresh(name, generator(0)).modules():
        if isinstance(part, nn.Conv2d | nn.Linear) and part.weight.numel() > 1000:
            assert part.weight.var().item() * part.weight[0].numel() == pytest.approx(2, rel=0.15)
            assert part.weight.mean().item() == pytest.approx(0, abs=3 * (2 / 1000**2) ** 0.5)


def test_redrawing_replaces_weights_and_leaves_norms():
    net = fresh("residual", generator(0))
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.constant_(part.weight, 3)
            part.get_buffer("running_mean").fill_(2)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    block = dict(net.layers())["residual block 3"]
    redraw(block, generator(5))
    changed = {key for key, value in net.state_dict().items() if not torch.equal(value, before[key])}
    assert changed == {f"stages.6.{part}.weight" for part in ("first.conv", "second.0", "shortcut.0")}


def test_redrawing_reaches_a_layer_itself_and_its_bias():
    layer = nn.Linear(200, 50)
    nn.init.constant_(layer.weight, 7)
    nn.init.constant_(layer.bias, 7)
    redraw(layer, generator(0))
    assert layer.weight.abs().max() < 1
    assert layer.bias.eq(0).all()


def test_redrawing_reaches_the_weights_of_attention():
    attention = nn.MultiheadAttention(64, 2)
    redraw(attention, generator(0))
    assert attention.in_proj_weight.var().item() == pytest.approx(2 / 64, rel=0.1)
    assert attention.out_proj.weight.var().item() == pytest.approx(2 / 64, rel=0.1)
