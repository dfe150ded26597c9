"""The import graph has no cycles, and every module is in a layer that import-linter checks."""

import tomllib
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("common", "gateway", "ingest", "frames", "annotation", "inference", "export")


@pytest.fixture(scope="module", params=PACKAGES)
def graph(request: pytest.FixtureRequest) -> grimp.ImportGraph:
    return grimp.build_graph(request.param)


def layered_names() -> set[str]:
    """The full names of all modules and packages in layers."""
    contracts: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    layered: set[str] = set()
    for contract in contracts:
        if contract["type"] != "layers":
            continue
        names = [
            name.strip("() ") for layer in contract["layers"] for part in layer.split("|") for name in part.split(":")
        ]
        containers = contract.get("containers", [])
        layered |= {f"{container}.{name}" for container in containers for name in names} if containers else set(names)
    return layered


def test_every_module_has_a_layer(graph: grimp.ImportGraph) -> None:
    layered = layered_names()

    def has_layer(module: str) -> bool:
        parts = module.split(".")
        return any(".".join(parts[:length]) in layered for length in range(2, len(parts) + 1))

    files = {module for module in graph.modules if not graph.find_children(module)}

    assert {module for module in files if not has_layer(module)} == set()


def test_files_have_no_import_cycle(graph: grimp.ImportGraph) -> None:
    assert import_cycles(graph) == []


def import_cycles(graph: grimp.ImportGraph) -> list[list[str]]:
    """The files that are in a cycle, or between two cycles, as one list; empty without a cycle."""
    imports = {module: sorted(graph.find_modules_directly_imported_by(module)) for module in sorted(graph.modules)}
    remaining = {module: set(targets) & set(imports) for module, targets in imports.items()}
    # A file without imports, or that nothing imports, is in no cycle: remove such files until there are none.
    while True:
        ends = {module for module, targets in remaining.items() if not targets}
        ends |= set(remaining) - {target for targets in remaining.values() for target in targets}
        if not ends:
            return [sorted(remaining)] if remaining else []
        remaining = {module: targets - ends for module, targets in remaining.items() if module not in ends}


def test_an_import_cycle_is_found() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("c", "e")):
        graph.add_import(importer=importer, imported=imported)

    assert import_cycles(graph) == [["a", "b", "c"]]
