"""Known networks, and parts of them, as texts of the layer editor; knows where each is from, and no sizes."""

from dataclasses import dataclass

from dlcore.topics.layer_text import read_layers
from dlcore.topics.layers import Layer


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A text with the input it is meant for; note: where it is from, and what differs from there. Markdown."""

    title: str
    input: tuple[int, int, int]  # (channels, height, width)
    text: str
    note: str

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What the text says."""
        return read_layers(self.text)


def _alexnet(groups: str) -> str:
    return f"""\
conv 11x11 96 s4; relu; lrn; maxpool 3x3 s2
conv 5x5 256 p2{groups}; relu; lrn; maxpool 3x3 s2
conv 3x3 384 p1; relu
conv 3x3 384 p1{groups}; relu
conv 3x3 256 p1{groups}; relu; maxpool 3x3 s2
flatten; fc 4096; relu; dropout
fc 4096; relu; dropout
fc 1000"""


def _vgg(*blocks: tuple[int, int]) -> str:
    """Blocks of so many 3×3 convolutions with so many channels, each with a pooling behind it."""
    lines = ["; ".join([f"conv 3x3 {channels} p1; relu"] * number) for number, channels in blocks]
    return "\n".join([*(f"{line}; maxpool 2x2" for line in lines), VGG_TOP])


VGG_TOP = "flatten; fc 4096; relu; dropout; fc 4096; relu; dropout; fc 1000"


def _basic(channels: int, stride: int = 1) -> str:
    """ResNet's block of two 3×3; where it makes the map smaller, so does a 1×1 beside it."""
    first = f" s{stride}" if stride > 1 else ""
    beside = f"conv 1x1 {channels} s{stride} nobias; bn" if stride > 1 else ""
    main = f"conv 3x3 {channels}{first} p1 nobias; bn; relu; conv 3x3 {channels} p1 nobias; bn"
    return f"add({main} | {beside}); relu"


RESNET_18 = "\n".join(
    [
        "conv 7x7 64 s2 p3 nobias; bn; relu; maxpool 3x3 s2 p1",
        _basic(64),
        _basic(64),
        *(block for channels in (128, 256, 512) for block in (_basic(channels, 2), _basic(channels))),
        "gap; flatten; fc 1000",
    ]
)
BOTTLENECK = """\
add(
conv 1x1 64 nobias; bn; relu
conv 3x3 64 p1 nobias; bn; relu
conv 1x1 256 nobias; bn
| ); relu"""
INCEPTION_3A = """\
cat(
conv 1x1 64; relu
| conv 1x1 96; relu; conv 3x3 128 p1; relu
| conv 1x1 16; relu; conv 5x5 32 p2; relu
| maxpool 3x3 s1 p1; conv 1x1 32; relu)"""
LENET_5 = """\
conv 5x5 6; tanh; avgpool 2x2
conv 5x5 16; tanh; avgpool 2x2
conv 5x5 120; tanh
flatten; fc 84; tanh; fc 10"""


def _repeated(number: int, kernel: str) -> str:
    return "; ".join([f"conv {kernel} 1 p=same nobias"] * number)


_ALEXNET_NOTE = "Krizhevsky, Sutskever, Hinton, 2012. The paper says 224×224; its own sizes need 227×227."
_ONE = (1, 32, 32)
_EACH = "One channel and no bias, so that multiply-adds per output value are simply the weights."

ARCHITECTURES: dict[str, Architecture] = {
    "lenet": Architecture(
        title="LeNet-5",
        input=(1, 32, 32),
        text=LENET_5,
        note="LeCun, Bottou, Bengio, Haffner, 1998, as it is usually rebuilt: 61,706 parameters. The original has "
        "exactly 60,000: its second convolution leaves out connections, its pooling has weights, it ends in distances.",
    ),
    "alexnet": Architecture(
        title="AlexNet, two groups",
        input=(3, 227, 227),
        text=_alexnet(" g2"),
        note=f"{_ALEXNET_NOTE} Half of the channels lived on each of two GPUs: that is what the groups are.",
    ),
    "alexnet-whole": Architecture(
        title="AlexNet without groups",
        input=(3, 227, 227),
        text=_alexnet(""),
        note=f"{_ALEXNET_NOTE} Here every kernel sees all channels, which is what the lecture counts for conv5.",
    ),
    "vgg16": Architecture(
        title="VGG-16",
        input=(3, 224, 224),
        text=_vgg((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)),
        note="Simonyan, Zisserman, 2015, configuration D: nothing but 3×3, and most parameters in the first fc.",
    ),
    "resnet18": Architecture(
        title="ResNet-18",
        input=(3, 224, 224),
        text=RESNET_18,
        note="He, Zhang, Ren, Sun, 2016, with 1×1 convolutions where the map gets smaller (their option B).",
    ),
    "basic-block": Architecture(
        title="ResNet-18’s basic block",
        input=(64, 56, 56),
        text=_basic(64),
        note="The input is a map of 64 channels; the picture stands for it.",
    ),
    "bottleneck": Architecture(
        title="ResNet-50’s bottleneck block",
        input=(256, 56, 56),
        text=BOTTLENECK,
        note="1×1 down to 64 channels, 3×3 there, 1×1 back up. The input is a map of 256 channels; the picture "
        "stands for it.",
    ),
    "inception": Architecture(
        title="Inception v1, block 3a",
        input=(192, 28, 28),
        text=INCEPTION_3A,
        note="Szegedy et al., 2015, table 1, row inception (3a). The input is a map of 192 channels; the picture "
        "stands for it.",
    ),
    "one-5x5": Architecture(title="One 5×5", input=_ONE, text=_repeated(1, "5x5"), note=_EACH),
    "two-3x3": Architecture(title="Two 3×3", input=_ONE, text=_repeated(2, "3x3"), note=_EACH),
    "one-7x7": Architecture(title="One 7×7", input=_ONE, text=_repeated(1, "7x7"), note=_EACH),
    "three-3x3": Architecture(title="Three 3×3", input=_ONE, text=_repeated(3, "3x3"), note=_EACH),
}
