"""The layer editor reads what a reader means, and says where it cannot, in one sentence."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlcore.topics import layer_text
from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.layer_text import read_layers
from dlcore.topics.layers import Branches, Convolution, Linear, Plain, Pooling, written

PLAIN_CONV = Convolution(kernel=(3, 3), channels=64)


@pytest.mark.parametrize(
    ("text", "layer"),
    [
        ("conv 3x3 64", PLAIN_CONV),
        ("conv 3 64", PLAIN_CONV),
        ("  CONV  3 × 3   64 s1 p0 d1 g1 bias ", PLAIN_CONV),
        (
            "conv 1x7 8 s2 p3 d2 g4 nobias",
            Convolution(
                kernel=(1, 7), channels=8, stride=(2, 2), padding=(3, 3), dilation=(2, 2), groups=4, bias=False
            ),
        ),
        ("conv 3x3 64 stride=2x1 p=0x1", Convolution(kernel=(3, 3), channels=64, stride=(2, 1), padding=(0, 1))),
        ("conv 3x3 64 p=same", Convolution(kernel=(3, 3), channels=64, padding="same")),
        ("conv 3x3 64 half", Convolution(kernel=(3, 3), channels=64, padding="half")),
        ("maxpool 3x3 s2 p1", Pooling(kind="maxpool", kernel=(3, 3), stride=(2, 2), padding=(1, 1))),
        ("avgpool 2", Pooling(kind="avgpool", kernel=(2, 2), stride=(2, 2))),
        ("fc 10", Linear(units=10)),
        ("fc 10 nobias", Linear(units=10, bias=False)),
        ("relu", Plain("relu")),
        ("gap", Plain("gap")),
        ("add(conv 3x3 64 p1; relu | )", Branches("add", (read_layers("conv 3x3 64 p1; relu"), ()))),
        ("cat(|\nrelu|add(|))", Branches("cat", ((), (Plain("relu"),), (Branches("add", ((), ())),)))),
    ],
)
def test_a_layer_is_read(text: str, layer: object) -> None:
    assert read_layers(text) == (layer,)


def test_semicolons_and_lines_part_layers_and_nothing_between_them_is_no_layer() -> None:
    assert read_layers("relu;\n\n; tanh \n gap;") == (Plain("relu"), Plain("tanh"), Plain("gap"))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_is_written_is_read_as_it_was(name: str) -> None:
    layers = ARCHITECTURES[name].layers
    assert read_layers(written(layers)) == layers


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("relu; conv 3x3", "Layer 2, “conv 3x3”", "such as conv 3x3 64 s2 p1"),
        ("cnov 3x3 4", "Layer 1, “cnov 3x3 4”", "perhaps conv is meant"),
        ("upsample", "Layer 1, “upsample”", "known are conv, maxpool"),
        ("conv 3x3 4 s0", "Layer 1", "stride must be a whole number from 1 to 64"),
        ("conv 3x3 4 s2 s2", "Layer 1", "its stride is given twice"),
        ("conv 3x3 4 p=sane", "Layer 1", "padding must be a whole number from 0 to 64, or two of them such as 3x1, or"),
        ("conv 3x3 4 q2", "Layer 1", "“q2” is no setting of this layer"),
        ("conv 3x3 9999", "Layer 1", "the number of channels must be a whole number from 1 to 4,096"),
        ("conv 3x3 ²", "Layer 1", "such as conv 3x3 64"),
        ("conv 600x3 4", "Layer 1", "the kernel must be"),
        ("maxpool", "Layer 1", "such as maxpool 3x3 s2 p1"),
        ("maxpool 2x2 p2", "Layer 1", "at most half its window"),
        ("maxpool 2x2 p=same", "Layer 1", "is a number"),
        ("maxpool 2x2 d2", "Layer 1", "no setting"),
        ("fc", "Layer 1", "such as fc 10"),
        ("fc 10 s2", "Layer 1", "no setting"),
        ("relu 3", "Layer 1", "relu has no settings"),
        ("relu(gap)", "Layer 1", "relu has no settings"),
        ("add relu", "Layer 1", "branches are written add(conv"),
        ("add(relu)", "Layer 1", "add needs at least two branches"),
        ("add(relu | ) relu", "Layer 1", "a semicolon belongs behind"),
        ("gap; cat(relu | tanh; conv 3 4 q)", "Layer 2, branch 2, layer 2, “conv 3 4 q”", "no setting"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, place: str, reason: str) -> None:
    with pytest.raises(ValueError, match=rf"^{re.escape(place)}.*{re.escape(reason)}.*\.$"):
        read_layers(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There are no layers"),
        (" ;\n; ", "There are no layers"),
        ("relu)", "“)” at character 5 closes nothing"),
        ("add(relu | ", "never closed"),
        ("add(" * 5 + "|" + ")" * 5, "nested more than 4 levels"),
        ("relu;" * 251, "There are 251 layers"),
        ("r" * 9000, "9,000 characters"),
        (f"relu; {'z' * 500}", "z" * 39 + "…”"),
    ],
)
def test_what_is_no_stack_at_all_is_told(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)) as found:
        read_layers(text)
    assert len(str(found.value)) < 400


WORDS = st.sampled_from(
    [*layer_text.NAMES, "3x3", "64", "s2", "p=same", "nobias", ";", "|", "(", ")", "\n", "²", "0", "x"]
)


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join)))
@example("add((|))")
@example("(")
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        layers = read_layers(text)
    except ValueError as error:
        said = str(error)
    else:
        said = "."
        assert read_layers(written(layers)) == layers
    assert said.endswith(".")
