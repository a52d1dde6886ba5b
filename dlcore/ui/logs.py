"""How the log is written: plain lines or JSON lines, and of no reader who or where they are.

Knows log records; does not know what is worth logging.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

ADDRESS = re.compile(
    r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b|\[[0-9a-f:]+\](?::\d+)?|\b[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7}\b",
    re.IGNORECASE,
)
IDENTITY = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
RUN = re.compile(r"(descent/run/)[\w-]{16,}")
QUERY = re.compile(r"(?<=[\w/])\?[^\s\"']+")
FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
FIELDS = ("page", "seconds", "state", "version")  # what a record may carry beside its message: extra={"page": ...}


def impersonal(text: str) -> str:
    """The text without addresses, identities of sessions and runs, and what stands in a link."""
    text = QUERY.sub("?…", RUN.sub(r"\1…", text))
    return ADDRESS.sub("(address)", IDENTITY.sub("(session)", text))


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
