"""Knows which device computes and what it is called; knows nothing of what is computed."""

import os

import torch

#: Overrides the choice, e.g. "cpu" or "cuda:1".
VARIABLE = "DESCENT_DEVICE"


def pick() -> torch.device:
    """CUDA where there is one, then Apple's MPS, then the CPU; the environment variable DESCENT_DEVICE overrides.

    Raises:
        ValueError: DESCENT_DEVICE names a device that this machine does not have.
    """
    wanted = os.environ.get(VARIABLE, "").strip()
    if wanted:
        return _checked(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def for_small() -> str:
    """Where networks of a few hundred units train: the CPU, whose steps are shorter, unless DESCENT_DEVICE is set.

    Raises:
        ValueError: DESCENT_DEVICE names a device that this machine does not have.
    """
    return str(pick()) if os.environ.get(VARIABLE, "").strip() else "cpu"


def describe(device: torch.device) -> str:
    """What a reader may call it: "CPU", "CUDA: NVIDIA H200", "MPS"."""
    if device.type == "cuda":
        return f"CUDA: {torch.cuda.get_device_name(device)}"
    return device.type.upper()


def generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator of its own: sessions share one process, so the global seed is never touched."""
    return torch.Generator(device=device).manual_seed(seed)


def _checked(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"{VARIABLE}={name!r} is not a device of this machine: {error}") from None
    return device
