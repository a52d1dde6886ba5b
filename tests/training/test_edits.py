"""Changes by hand: where a name lies, that a run with them is torch's loop changed by hand, and their text."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from dlcore.datasets.planes import PlaneConfig
from dlcore.training import Edit, TrainConfig, edits_text, read_edits, train, with_edit
from tests.training import torch_loop

EDITS = (
    Edit(0, "w1.3.1", 1.5),
    Edit(4, "lr", 0.2),
    Edit(4, "b2.1", -0.5),
    Edit(9, "w3.0.2", 2.0),
    Edit(15, "lr", 0.01),
)
CONFIG = TrainConfig(
    data=PlaneConfig(num_train=40), hidden=(7, 5), optimizer="momentum", lr=0.05, num_steps=20, edits=EDITS
)
CASES = {
    "momentum": CONFIG,
    "adam, batches": dataclasses.replace(CONFIG, optimizer="adam", batch_size=16, dropout=0.2),
    "batch norm": dataclasses.replace(CONFIG, batch_norm=True, l2=0.1),
}


def linear(model: nn.Module, layer: int) -> nn.Linear:
    return [module for module in model.modules() if isinstance(module, nn.Linear)][layer - 1]


def by_hand(config: TrainConfig) -> list[np.ndarray]:
    """The loop of every tutorial, with the changes of EDITS written out."""
    model = torch_loop.network(config)
    vector_to_parameters(config.architecture.draw(torch_loop.streams(config.seed).weights).double(), model.parameters())
    rule, path = torch_loop.optimizer(config, model), []
    for step, batch in enumerate([*torch_loop.batches(config), None]):
        with torch.no_grad():
            if step == 0:
                linear(model, 1).weight[3, 1] = 1.5
            if step == 4:
                rule.param_groups[0]["lr"] = rule.param_groups[1]["lr"] = 0.2
                linear(model, 2).bias[1] = -0.5
            if step == 9:
                linear(model, 3).weight[0, 2] = 2.0
            if step == 15:
                rule.param_groups[0]["lr"] = rule.param_groups[1]["lr"] = 0.01
        path.append(parameters_to_vector(model.parameters()).detach().numpy().copy())
        if batch is not None:
            torch_loop.set_masks(model, batch.masks)
            rule.zero_grad()
            torch_loop.data_loss(model(batch.inputs[0].T), batch.targets[0].T).backward()
            rule.step()
    return path


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_a_run_with_changes_is_torchs_loop_changed_by_hand(config: TrainConfig) -> None:
    frames = list(train([config], dtype=torch.float64))
    np.testing.assert_allclose([f.params[0] for f in frames], by_hand(config), rtol=0, atol=1e-9)


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_its_neighbours_do_not_notice_and_one_that_leaves_takes_no_change_with_it(config: TrainConfig) -> None:
    plain = dataclasses.replace(config, edits=(), seed=5)
    wild = dataclasses.replace(config, edits=(Edit(2, "lr", 1000.0), Edit(9, "b1.0", 1.0)), l2=1.0)
    other = dataclasses.replace(config, edits=(Edit(12, "w1.0.0", 3.0),), seed=6)
    together = list(train([plain, wild, config, other], dtype=torch.float64))
    if config.optimizer == "momentum":  # Adam's steps stay as long as the rate
        assert together[8].diverged.keys() == {1}
    for row, one in ((0, plain), (2, config), (3, other)):
        alone = list(train([one], dtype=torch.float64))
        np.testing.assert_allclose([f.params[row] for f in together], [f.params[0] for f in alone], rtol=0, atol=1e-9)


def test_a_change_is_seen_in_the_frame_of_its_step_and_not_before() -> None:
    frames = list(train([CONFIG]))
    place = CONFIG.architecture.place_of("w3.0.2")
    assert frames[9].params[0, place] == 2.0
    assert frames[8].params[0, place] != 2.0
    assert frames[10].params[0, place] != 2.0
    assert frames[0].params[0, CONFIG.architecture.place_of("w1.3.1")] == 1.5


def test_of_two_changes_of_one_number_at_one_step_the_last_counts() -> None:
    config = dataclasses.replace(CONFIG, edits=(Edit(0, "b1.0", 1.0), Edit(0, "b1.0", 2.0)), num_steps=1)
    assert next(train([config])).params[0, config.architecture.place_of("b1.0")] == 2.0


@pytest.mark.parametrize("batch_norm", [False, True])
def test_every_name_is_the_number_that_torch_has_there(batch_norm: bool) -> None:
    config = dataclasses.replace(CONFIG, batch_norm=batch_norm)
    model = torch_loop.network(config)
    row = parameters_to_vector(model.parameters()).tolist()
    place_of = config.architecture.place_of
    for number in (1, 2, 3):
        layer = linear(model, number)
        for unit, weights in enumerate(layer.weight.tolist()):
            assert [row[place_of(f"w{number}.{unit}.{source}")] for source in range(len(weights))] == weights
            assert row[place_of(f"b{number}.{unit}")] == layer.bias[unit].item()


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (Edit(0, "w4.0.0", 1.0), "w4.0.0 is of layer 4: there are layers 1 to 3"),
        (Edit(0, "w0.0.0", 1.0), "w0.0.0 is of layer 0"),
        (Edit(0, "w1.7.0", 1.0), "w1.7.0 is of unit 7: layer 1 has units 0 to 6"),
        (Edit(0, "b3.1", 1.0), "b3.1 is of unit 1: layer 3 has units 0 to 0"),
        (Edit(0, "w1.0.2", 1.0), "w1.0.2 is from unit 2: layer 1 is given units 0 to 1"),
        (Edit(0, "w1.0", 1.0), "“w1.0” cannot be changed: write lr, a weight"),
        (Edit(0, "b1.0.0", 1.0), "“b1.0.0” cannot be changed"),
        (Edit(0, "momentum", 1.0), "“momentum” cannot be changed"),
        (Edit(0, "b1.0", float("nan")), "out of range: b1.0 must be from -1e[+]06 to 1e[+]06"),
        (Edit(0, "lr", 0.0), "out of range: lr must be from 1e-08 to 1000"),
        (Edit(-1, "lr", 0.1), "is at no step: they are counted from 0 to 100000"),
    ],
)
def test_what_cannot_be_changed_is_refused_in_one_sentence(edit: Edit, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        dataclasses.replace(CONFIG, edits=(edit,))
    assert str(refused.value).endswith(".")


def test_more_changes_than_are_taken_are_refused() -> None:
    for refuse in (
        lambda: dataclasses.replace(CONFIG, edits=EDITS * 41),
        lambda: read_edits("lr=1;" * 201),
    ):
        with pytest.raises(ValueError, match="changes are too many: at most 200 are taken"):
            refuse()


def test_an_address_as_one_would_write_it() -> None:
    assert read_edits(" lr = .03 @ 200; w1.0.1=−5e-1@120, b2.0=1 ;") == (
        Edit(0, "b2.0", 1.0),
        Edit(120, "w1.0.1", -0.5),
        Edit(200, "lr", 0.03),
    )
    assert edits_text([Edit(120, "w1.0.1", 0.5), Edit(200, "lr", 0.03)]) == "w1.0.1=0.5@120; lr=0.03@200"
    assert read_edits("") == ()


names = st.just("lr") | st.from_regex(r"w[1-9]\.[0-9]\.[0-9]|b[1-9]\.[0-9]{1,3}", fullmatch=True)
edits = st.builds(Edit, st.integers(0, 100_000), names, st.floats(1e-3, 1000).map(lambda value: float(f"{value:.9g}")))


@given(st.lists(edits, max_size=8))
def test_changes_survive_the_address(changes: list[Edit]) -> None:
    assert read_edits(edits_text(changes)) == tuple(sorted(changes, key=lambda edit: edit.step))


@given(st.text(max_size=40) | st.text("wblr.0123=@;e-", max_size=40))
def test_any_text_is_changes_or_one_sentence(text: str) -> None:
    try:
        found = read_edits(text)
    except ValueError as refused:
        found = str(refused)
    if isinstance(found, str):
        assert found.endswith(".")
    else:
        assert read_edits(edits_text(found)) == found


def test_a_change_takes_the_place_of_one_of_the_same_number_at_the_same_step() -> None:
    assert with_edit(EDITS, Edit(4, "b2.1", 7.0)) == (
        EDITS[0],
        EDITS[1],
        Edit(4, "b2.1", 7.0),
        *EDITS[3:],
    )
    assert len(with_edit(EDITS, Edit(5, "b2.1", 7.0))) == len(EDITS) + 1
