"""`python -m benchmarks` lists what there is; `python -m benchmarks NAME [ARGS]` runs one."""

import ast
import importlib
import os
import pkgutil
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent


def names() -> list[str]:
    """The benchmarks there are: the modules of this package."""
    return [module.name for module in pkgutil.iter_modules([str(PACKAGE)]) if not module.name.startswith("_")]


def summary(name: str) -> str:
    """The first line of a benchmark's docstring, read without importing it."""
    doc = ast.get_docstring(ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8")))
    return (doc or "").partition("\n")[0]


def main(argv: list[str]) -> int:
    """List the benchmarks, or run the one that is named. Returns the exit status."""
    if not argv:
        width = max(map(len, names()))
        for name in names():
            print(f"{name:{width}}  {summary(name)}")
        return 0
    if argv[0] not in names():
        print(f"There is no benchmark {argv[0]!r}: it must be one of {', '.join(names())}.", file=sys.stderr)
        return 2
    # Before torch is imported: small tensors are slower on two threads, and far slower beside a busy neighbour.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    importlib.import_module(f"benchmarks.{argv[0]}").main(argv[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
