"""A clock that is set changes nothing: what takes time is measured by a clock that only goes forward."""

import ast
from pathlib import Path

from dlcore.lessons import ROOT

SET_BY_HAND = {("time", "time"), ("time", "time_ns"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}


def readings(text: str) -> list[str]:
    """Where a source reads the clock that can be set; by a name of its own or the module's."""
    tree = ast.parse(text)
    found = [
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in SET_BY_HAND
    ]
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    modules = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return found + [name for name in names if "time" in modules and ("time", name) in SET_BY_HAND]


def files() -> list[Path]:
    return sorted([*(ROOT / "dlcore").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"])


def test_nothing_asks_what_time_it_is():
    assert len(files()) > 100
    assert {
        str(path.relative_to(ROOT)): found for path in files() if (found := readings(path.read_text("utf-8")))
    } == {}


def test_a_planted_reading_is_found():
    assert readings("import time\nend = time.time() + 5\n") == ["time.time"]
    assert readings("from time import time\n") == ["time"]
    assert readings("import time\nend = time.monotonic() + 5\n") == []
