"""The programs that are shown are run, and give the page's numbers."""

from typing import Any

import pytest

from dlcore.topics import dropout_runs, subnetworks
from dlcore.topics.dropout_config import DropoutConfig, MasksConfig, ScalingConfig
from dlcore.topics.dropout_programs import masks_program, scaling_program, training_program
from dlcore.topics.dropout_scaling import trace


def run(program: str) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(compile(program, "program", "exec"), scope)
    return scope


@pytest.mark.parametrize(
    "config",
    [
        DropoutConfig(num_steps=40),
        DropoutConfig(num_steps=40, width=8, depth=3, p=0.3, data="xor", lr=0.02, seed=11, noise=0.1, num_train=40),
        DropoutConfig(num_steps=40, width=16, depth=1, p=0.0, label_noise=0.0),
    ],
    ids=["opening", "deep", "shallow"],
)
def test_training_ends_at_the_pages_accuracies(config: DropoutConfig) -> None:
    found = run(training_program(config))["accuracy"]
    *_, last = dropout_runs.frames(config)
    assert found[0.0] == pytest.approx(last.arrays["a.accuracy.test.mean"], abs=0.3)
    assert found[config.p] == pytest.approx(last.arrays["b.accuracy.test.mean"], abs=0.3)


def test_masks_give_the_pages_average(capsys: pytest.CaptureFixture[str]) -> None:
    config = MasksConfig(training=DropoutConfig(num_steps=60, width=16), num_masks=10)
    found = run(masks_program(config))
    *_, last = subnetworks.frames(config)
    assert found["accuracy"]["average"] == pytest.approx(last.arrays["accuracy.average.mean"], abs=0.3)
    assert found["accuracy"]["scaled"] == pytest.approx(last.arrays["accuracy.scaled.mean"], abs=0.3)
    assert found["apart"] == pytest.approx(last.arrays["apart.average.mean"], abs=0.05)
    assert f"apart by {found['apart']:.2f} points" in capsys.readouterr().out


@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 0.9])
def test_a_layer_gives_the_pages_sums(p: float) -> None:
    config = ScalingConfig(p=p, units=5, seed=7)
    found, page = run(scaling_program(config)), trace(config)
    for name, way in (("torch", "inverted"), ("lecture", "lecture")):
        assert found["mean"][name] == pytest.approx(page.ways[way].mean_z[-1])
        assert found["test"][name] == pytest.approx(page.ways[way].test_z)


def test_every_line_fits_and_nothing_seeds_all_of_torch() -> None:
    programs = (training_program(DropoutConfig()), masks_program(MasksConfig()), scaling_program(ScalingConfig()))
    for program in programs:
        assert max(map(len, program.splitlines())) <= 120
        assert "torch.manual_seed(" not in program
