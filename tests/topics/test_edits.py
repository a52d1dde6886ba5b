"""Changes by hand: what may be typed, what is refused in one sentence, and that text and edits are the same thing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlcore.topics.backprop_config import MOST_UPDATES, BackpropConfig
from dlcore.topics.edits import LARGEST, LAST_TURN, MOST_EDITS, Edit, read_edits, with_edit
from dlcore.topics.networks import build

NEURON = build(BackpropConfig())
FLOWERS = build(BackpropConfig(network="mlp", loss="cross-entropy"))


def refusal(text: str) -> str:
    """Why the neuron takes no such edits; empty if it takes them."""
    try:
        read_edits(text, NEURON)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("", ()),
        (" ,; ,", ()),
        ("w1=0.5", (Edit("w1", 0.5),)),
        ("w1 = 0.5 , x2 = -1 @ 3", (Edit("w1", 0.5), Edit("x2", -1.0, 3))),
        ("w1=.5; b=2.", (Edit("w1", 0.5), Edit("b", 2.0))),
        ("y=−0.25", (Edit("y", -0.25),)),  # a minus sign from a text processor
        ("w1=+1e-3, w2=2E+2, b=1e−2", (Edit("w1", 1e-3), Edit("w2", 200.0), Edit("b", 0.01))),
        ("x1=1@2.3", (Edit("x1", 1.0, 2, 3),)),
        ("x1=1@0.2", (Edit("x1", 1.0, 0, 2),)),
    ],
)
def test_what_may_be_typed(text: str, edits: tuple[Edit, ...]) -> None:
    assert read_edits(text, NEURON) == edits


def test_edits_come_in_the_order_of_their_updates_and_otherwise_as_typed() -> None:
    assert [str(edit) for edit in read_edits("w1=1@7, b=2, w1=3@2, b=4", NEURON)] == ["b=2", "b=4", "w1=3@2", "w1=1@7"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("w1", "“w1” is not understood"),
        ("w1=", "not understood"),
        ("=3", "not understood"),
        ("w1=abc", "not understood"),
        ("w1=.", "not understood"),
        ("w1=1.2.3", "not understood"),
        ("w1=nan", "not understood"),
        ("w1=inf", "not understood"),
        ("w1=0x10", "not understood"),
        ("w1=1@", "not understood"),
        ("w1=1@-1", "not understood"),
        ("w1=1@2.", "not understood"),
        ("w1=0,5", "“5” is not understood"),  # a decimal comma
        ("1w=3", "not understood"),
        ("w1=٣", "not understood"),
        ("w1=1 b=2", "not understood"),
        ("w1=" + "1" * 5000, "not understood"),
        ("w1=1@" + "1" * 5000, "not understood"),
        ("w1=2e6", "too large"),
        ("w1=-1e400", "too large"),
        ("w1=1@99999", "too late"),
        ("x1=1@2.4", "of no sample"),
        ("w3=1", "this network has x1, x2, w1, w2, b, y."),
        ("z=1", "“z” cannot be changed"),
        ("W1=1", "“W1” cannot be changed"),
        ("b=1, " * (MOST_EDITS + 1), "at most 200"),
    ],
)
def test_what_is_no_edit_is_refused_in_one_sentence(text: str, words: str) -> None:
    sentence = refusal(text)
    assert words in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 200


def test_what_is_computed_and_what_a_formula_says_cannot_be_changed() -> None:
    net = build(BackpropConfig(network="formula", formula="2*x + sin(x)"))
    assert read_edits("x=3", net) == (Edit("x", 3.0),)
    for name in ("f", "v1", "sin"):
        with pytest.raises(ValueError, match="this network has x"):
            read_edits(f"{name}=1", net)


def test_a_variable_may_have_a_long_name() -> None:
    name = "x" * 190
    net = build(BackpropConfig(network="formula", formula=f"{name}^2"))
    assert read_edits(f"{name}=-1.5@20", net) == (Edit(name, -1.5, 20),)


def test_of_a_large_network_a_few_names_are_listed() -> None:
    with pytest.raises(ValueError, match=r"x1, x2, y, .*, \.\.\.\.$"):
        read_edits("nothing=1", FLOWERS)


@pytest.mark.parametrize("value", [-0.1, 1.1, 2])
def test_cross_entropy_takes_probabilities_as_targets(value: float) -> None:
    with pytest.raises(ValueError, match=r"cross-entropy .* from 0 to 1\.$"):
        read_edits(f"y={value}", FLOWERS)
    assert read_edits("y=1, y=0@2, y=0.5@3, x1=2", FLOWERS)
    assert read_edits(f"y={value}", build(BackpropConfig(network="mlp", loss="half-square")))


def test_an_edit_after_the_last_walk_is_still_one() -> None:
    """The latest walk ends before update 2002, and what is changed in its last frame comes then."""
    assert read_edits(f"w1=1@{MOST_UPDATES + 2}", NEURON)


EDITS = st.builds(
    Edit,
    st.sampled_from(["x1", "x2", "w1", "w2", "b", "y"]),
    st.floats(-LARGEST, LARGEST).map(lambda value: float(f"{value:.10g}")),
    st.integers(0, MOST_UPDATES),
    st.integers(0, LAST_TURN),
)


@given(EDITS)
def test_an_edit_as_text_is_read_as_the_same_edit(edit: Edit) -> None:
    assert read_edits(str(edit), NEURON) == (edit,)


@given(st.lists(EDITS, max_size=8))
def test_with_edit_replaces_what_it_stands_for_and_keeps_all_else(edits: list[Edit]) -> None:
    text = ""
    for edit in edits:
        text = with_edit(text, edit)
    latest = {(edit.name, edit.update, edit.turn): edit for edit in edits}
    assert sorted(read_edits(text, NEURON)) == sorted(latest.values())


def test_with_edit_sees_through_spelling_and_keeps_what_was_typed() -> None:
    assert with_edit("w1 = 1.00 @ 3; b=2", Edit("w1", -0.5, 3)) == "b=2, w1=-0.5@3"
    assert with_edit("w1=1, w1=1@1, x1=1@3.1", Edit("x1", 2.0, 3, 1)) == "w1=1, w1=1@1, x1=2@3.1"
    assert with_edit("what is this", Edit("b", 1e-7)) == "what is this, b=1e-07"
    assert with_edit("b=1@" + "9" * 5000, Edit("b", 1.0)).endswith(", b=1")


@given(st.text() | st.text("wxby12=.@,;-+−eE \n0", max_size=30))
@example("w1=1e" + "9" * 200)
@example("x1=1@0." + "9" * 200)
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    if sentence := refusal(text):
        assert sentence.endswith(".")
        return
    for edit in read_edits(text, NEURON):
        assert abs(edit.value) <= LARGEST
        assert edit.name in NEURON.graph.index
