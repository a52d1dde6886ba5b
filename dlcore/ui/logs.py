"""How the log is written: plain lines or JSON lines, and of no reader who or where they are.

Knows log records; does not know what is worth logging.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

#: What may be an address, with its zone, brackets and port; whether it is one, `ipaddress` knows. Each run of these
#: characters is looked at once, from its start, so that a long one costs no more than its length.
ADDRESS = re.compile(r"(\[)?(?<![0-9a-f:.])(?P<run>[0-9a-f:.]{2,})(?:%\w+)?(?(1)\](?::\d+)?)", re.IGNORECASE)
IDENTITY = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
RUN = re.compile(r"(descent/run/)[\w-]{16,}")
QUERY = re.compile(r"(?<=[\w/])\?[^\s\"']+")
FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
FIELDS = ("page", "seconds", "state", "version")  # what a record may carry beside its message: extra={"page": ...}


def impersonal(text: str) -> str:
    """The text without addresses, identities of sessions and runs, and what stands in a link."""
    text = QUERY.sub("?…", RUN.sub(r"\1…", text))
    return ADDRESS.sub(_masked, IDENTITY.sub("(session)", text))


def _masked(found: re.Match[str]) -> str:
    """The same with "(address)" for the address in it; what is none, such as a time or module::name, stays."""
    whole, run = found.string, found["run"].lstrip(".")
    start, end = found.span("run")
    odd = (len(run) - len(run.lstrip(":"))) % 2  # a colon of the sentence: peer:::1
    if odd or (start and _in_word(whole[start - 1])):  # peer:192.0.2.7, but not at::add
        run = run.partition(":")[2]
    begin = end - len(run)
    if end < len(whole) and _in_word(whole[end]):  # 192.0.2.7:GET, but not c10::Error
        run = run.rpartition(":")[0]
    bare = run.rstrip(".:")
    for part, length in ((run, len(run)), (bare, len(bare)), (bare.rpartition(":")[0], len(bare))):  # or before a port
        if _is_address(part):
            return f"{whole[start:begin]}(address){whole[begin + length : end]}"
    return found[0]


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _is_address(text: str) -> bool:
    """Whether it is the address of someone: not 0.0.0.0 or ::, which name nobody."""
    try:
        return not ip_address(text).is_unspecified
    except ValueError:
        return False


class Lines(logging.Formatter):
    """A record as a line of text, or several where there is a trace."""

    def __init__(self) -> None:
        super().__init__(FORMAT)

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return impersonal(super().format(record))


class JsonLines(logging.Formatter):
    """A record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": impersonal(record.getMessage()),
        }
        fields |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info:
            fields["trace"] = impersonal(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False, default=str)


FORMATS = {"text": Lines, "json": JsonLines}


def configure(kind: str) -> logging.Handler:
    """All loggers write through one handler, Streamlit's and the server's own among them; kind: a key of FORMATS."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(FORMATS[kind]())
    handler.name = "descent"
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if each.name != handler.name] + [handler]
    root.setLevel(min(root.level or logging.INFO, logging.INFO))
    for logger in _own_ways(logging.root.manager.loggerDict.values()):
        logger.handlers.clear()
        logger.propagate = True
    return handler


def _own_ways(loggers: Iterable[Any]) -> list[logging.Logger]:
    """Streamlit's and the web server's loggers, which print for themselves."""
    tops = ("streamlit", "uvicorn", "websockets")
    return [each for each in loggers if isinstance(each, logging.Logger) and each.name.partition(".")[0] in tops]
