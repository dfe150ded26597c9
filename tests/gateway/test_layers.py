"""Every module of the gateway lies in a layer of the import rules."""

import re
import tomllib
from pathlib import Path

import gateway

ROOT = Path(gateway.__file__).parent


def test_no_module_is_outside_the_layers() -> None:
    rules = tomllib.loads((Path(__file__).resolve().parents[2] / "pyproject.toml").read_text())
    contracts = rules["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["name"] == "Layers of the gateway")
    named = {name for layer in layers for name in re.split(r"[\s|]+", layer) if name}
    modules = {
        ".".join(("gateway", *path.relative_to(ROOT).with_suffix("").parts))
        for path in ROOT.rglob("*.py")
        if path.name != "__init__.py"
    }

    outside = {name for name in modules if name not in named and not name.startswith("gateway.domain.")}

    assert modules
    assert outside == set()
