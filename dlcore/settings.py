"""What a host sets through the environment: one table of variables, each read and refused with one sentence.

Knows names, meanings and rules; does not know what is done with the values. Nothing is read at import.
"""

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dlcore import require

PREFIX = "DESCENT_"
DEVICE = re.compile(r"cpu|mps|cuda(:\d{1,2})?")
ENGINE = re.compile(r"local|auto|ray://[A-Za-z0-9.\-\[\]:]+:\d{1,5}")
ANCESTOR = re.compile(r"'(self|none)'|https?://(\*\.)?[A-Za-z0-9.-]+(:(\d{1,5}|\*))?")
SHORTEST_SECRET = 12  # characters of a token; a class password may be shorter, since it is said aloud
SHORTEST_PASSWORD = 6
Read = Callable[[str, str], Any]  # (name, text) -> value; raises ValueError


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this server is set up; a field is the name of its variable in small letters, without the prefix.

    None or empty: the variable is not set, and there is no default that could be written down.
    """

    device: str = ""
    weights: Path | None = None
    data: Path | None = None
    engine: str = "local"
    workers: int | None = None
    worker_mb: int = 2048
    worker_nice: int = 0
    runs: int = 32
    runs_per_reader: int = 4
    waiting: int = 200
    run_seconds: float = 300.0
    run_mb: int = 64
    frame_ancestors: str = "'self'"
    password: str = ""
    host_token: str = ""
    log: str = "text"


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A row of the table: how the text is read, and what it means to a host. secret: its value is never shown."""

    read: Read
    meaning: str
    secret: bool = False


def _matching(pattern: re.Pattern[str], rule: str) -> Read:
    def read(name: str, text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f"{name} is {text!r}: it must be {rule}.")
        return text

    return read


def _one_of(*allowed: str) -> Read:
    def read(name: str, text: str) -> str:
        require.one_of(name, text, allowed)
        return text

    return read


def _whole(low: int, high: int) -> Read:
    def read(name: str, text: str) -> int:
        require.whole(name, int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else text, low, high)  # pyright: ignore[reportArgumentType]
        return int(text)

    return read


def _number(low: float, high: float) -> Read:
    def read(name: str, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"{name} is {text!r}: it must be a number from {low:g} to {high:g}.") from None
        require.number(name, value, low, high)
        return value

    return read


def _folder(name: str, text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ValueError(f"{name} is {text!r}: it must be a folder that this server can read.")
    return path


def _ancestors(name: str, text: str) -> str:
    for one in text.split():
        if not ANCESTOR.fullmatch(one):
            raise ValueError(
                f"{name} has {one!r}: it must be 'self', 'none', or sites such as https://course.example.org, "
                "separated by spaces."
            )
    if "'none'" in text.split() and len(text.split()) > 1:
        raise ValueError(f"{name} is {text!r}: 'none' must stand alone.")
    return " ".join(text.split())


def _secret(shortest: int) -> Read:
    def read(name: str, text: str) -> str:
        # The value is not repeated: this sentence goes to the log.
        if not (len(text) >= shortest and text.isascii() and text.isprintable()):
            raise ValueError(f"{name} must have at least {shortest} characters, all of them printable ASCII.")
        return text

    return read


VARIABLES: dict[str, Variable] = {
    "DESCENT_DEVICE": Variable(
        read=_matching(DEVICE, "cpu, mps, cuda, or one of several such as cuda:1"),
        meaning="which device computes; by default CUDA, then MPS, then the CPU",
    ),
    "DESCENT_WEIGHTS": Variable(
        read=_folder,
        meaning="a folder with torchvision's files of ResNet-18 or ViT-B/16, for networks trained on ImageNet "
        "(needs torchvision 0.28, from the same index as torch)",
    ),
    "DESCENT_DATA": Variable(
        read=_folder,
        meaning="a folder with the files of MNIST, Fashion-MNIST or CIFAR-10, which "
        "`python -m dlcore.datasets mnist` fetches, or of RSVQA (low resolution) as it is published",
    ),
    "DESCENT_ENGINE": Variable(
        read=_matching(ENGINE, "local, auto, or an address such as ray://head:10001"),
        meaning="where runs are computed: `local`, worker processes of this server; `auto`, the Ray cluster that this "
        "machine is a node of; or the address of one",
    ),
    "DESCENT_WORKERS": Variable(
        read=_whole(1, 256), meaning="worker processes; by default one for each core, at most 4"
    ),
    "DESCENT_WORKER_MB": Variable(
        read=_whole(256, 10**6), meaning="memory of one worker process, above which it is ended and started again"
    ),
    "DESCENT_WORKER_NICE": Variable(
        read=_whole(0, 19),
        meaning="how far workers of this machine give way, up to 19 (in the image), where they have what nobody else "
        "wants: pages answer sooner while all cores train, but a browser beside them could stop the training",
    ),
    "DESCENT_RUNS": Variable(read=_whole(1, 10_000), meaning="runs at once, of all readers together"),
    "DESCENT_RUNS_PER_READER": Variable(
        read=_whole(1, 100), meaning="runs at once of one open page; who opens several has as many times more"
    ),
    "DESCENT_WAITING": Variable(read=_whole(0, 100_000), meaning="places in the queue; who comes later is told so"),
    "DESCENT_RUN_SECONDS": Variable(read=_number(1, 86_400), meaning="the longest that one run may take"),
    "DESCENT_RUN_MB": Variable(read=_whole(1, 10_000), meaning="the most that the frames of one run may take"),
    "DESCENT_FRAME_ANCESTORS": Variable(
        read=_ancestors,
        meaning="the sites that may show the app in a frame, such as `https://moodle.example.org`; separated by spaces",
    ),
    "DESCENT_PASSWORD": Variable(
        read=_secret(SHORTEST_PASSWORD), meaning="the class password; by default everyone may come in", secret=True
    ),
    "DESCENT_HOST_TOKEN": Variable(
        read=_secret(SHORTEST_SECRET),
        meaning="is needed for `/metrics`, `/descent/host` and `/descent/runs`, from everywhere, as a bearer token or "
        "as the password that the browser asks for; without one they open on the server's own machine only",
        secret=True,
    ),
    "DESCENT_LOG": Variable(read=_one_of("text", "json"), meaning="how the log is written: `text` or `json` lines"),
}


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings as the environment has them; a variable that is empty counts as not set.

    Raises: ValueError, with one sentence for each variable that is not as it must be.
    """
    values, faults = {}, []
    for name, variable in VARIABLES.items():
        if text := environ.get(name, "").strip():
            try:
                values[_field(name)] = variable.read(name, text)
            except ValueError as fault:
                faults.append(str(fault))
    if faults:
        raise ValueError("\n".join(faults))
    return Settings(**values)


def strangers(environ: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each variable with our prefix that means nothing here.

    They are no error: a cluster's own names may begin alike, such as DESCENT_PORT for a service called "descent".
    """
    sentences = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in VARIABLES:
            near = difflib.get_close_matches(name, VARIABLES, 1, 0.8)
            sentences.append(f"{name} means nothing here" + (f": is {near[0]} meant?" if near else "."))
    return sentences


def default(name: str) -> str:
    """What holds where this variable is not set, as text; "" where its meaning says it."""
    value = getattr(Settings(), _field(name))
    return "" if value is None else str(value)


def shown(settings: Settings) -> dict[str, str]:
    """Every variable with its value as a host may see it: of secrets, only whether they are set."""
    values = {f"{PREFIX}{field.name.upper()}": getattr(settings, field.name) for field in fields(settings)}
    return {name: _shown(VARIABLES[name], value) for name, value in values.items()}


def _shown(variable: Variable, value: Any) -> str:
    if variable.secret:
        return "set" if value else "not set"
    return "not set" if value in (None, "") else str(value)


def _field(name: str) -> str:
    return name.removeprefix(PREFIX).lower()
