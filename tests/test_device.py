"""The device is the best there is, unless the environment says otherwise; generators touch nothing shared."""

import pytest
import torch

from dlcore import device


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(device.VARIABLE, raising=False)


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_cuda_comes_before_mps_before_the_cpu(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert device.pick() == torch.device(expected)


@pytest.mark.parametrize("wish", ["cpu", " cpu ", "meta"])
def test_the_environment_overrides(monkeypatch: pytest.MonkeyPatch, wish: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setenv("DESCENT_DEVICE", wish)
    assert device.pick().type == wish.strip()


def test_an_empty_wish_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setenv("DESCENT_DEVICE", "  ")
    assert device.pick() == torch.device("cpu")


@pytest.mark.parametrize("wish", ["toaster", "cuda:99", "cpu cpu", "0x"])
def test_a_device_that_is_not_there_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, wish: str) -> None:
    monkeypatch.setenv("DESCENT_DEVICE", wish)
    with pytest.raises(ValueError, match=f"DESCENT_DEVICE='{wish}' is not a device of this machine"):
        device.pick()


def test_small_networks_train_on_the_cpu_unless_the_host_wishes_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device.for_small() == "cpu"
    monkeypatch.setenv("DESCENT_DEVICE", "meta")
    assert device.for_small() == "meta"


def test_names_for_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda which: f"NVIDIA H200 number {which.index}")
    assert device.describe(torch.device("cpu")) == "CPU"
    assert device.describe(torch.device("mps")) == "MPS"
    assert device.describe(torch.device("cuda:1")) == "CUDA: NVIDIA H200 number 1"


def test_a_generator_is_its_seeds_own_and_leaves_the_global_one() -> None:
    state = torch.get_rng_state()
    first, again, other = (torch.randn(5, generator=device.generator(seed)) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first, torch.randn(5, generator=torch.Generator().manual_seed(3)))
