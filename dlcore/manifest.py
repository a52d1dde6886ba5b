"""assets/MANIFEST.json: of every file that is not source code its origin, licence, checksum, and how it is made.

Knows the list; does not know what the files are.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcore.lessons import ROOT

ASSETS = ROOT / "assets"


def record(files: Mapping[Path, Mapping[str, Any]], assets: Path = ASSETS) -> None:
    """Writes the lines of these files, which this project made, with what is given of each; other lines stay.

    A file that is no longer there loses its line.
    """
    path = assets / "MANIFEST.json"
    lines: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for file, facts in files.items():
        lines[file.relative_to(assets).as_posix()] = {
            "origin": "this project",
            "licence": "this project's",
            **facts,
            "sha256": checksum(file),
        }
    there = {name: lines[name] for name in sorted(lines) if (assets / name).exists()}
    path.write_text(json.dumps(there, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def checksum(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
