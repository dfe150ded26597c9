"""The compatibility rule, and that no committed contract is broken."""

import json
import subprocess
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from common.contract.schemas import ASYNCAPI, FOLDER, json_schemas
from tests.contracts.compatibility import breaks

ROOT = Path(__file__).resolve().parents[2]


class Circle(BaseModel):
    kind: Literal["circle"] = "circle"
    radius: float


class Square(BaseModel):
    kind: Literal["square"] = "square"
    side: float


def schema(**fields: Any) -> dict[str, Any]:
    """The schema of a model with these fields."""
    thing: type[BaseModel] = create_model("Thing", **fields)
    return thing.model_json_schema()


OPTIONAL = str | None
ALLOWED = {
    "an optional field is added": ({"a": (int, ...)}, {"a": (int, ...), "b": (OPTIONAL, None)}),
    "an enumeration gets a value": ({"a": (Literal["x"], ...)}, {"a": (Literal["x", "y"], ...)}),
    "a limit is widened": ({"a": (int, Field(le=10))}, {"a": (int, Field(le=20))}),
    "a limit is removed": ({"a": (str, Field(max_length=10))}, {"a": (str, ...)}),
    "a default changes": ({"a": (int, 1)}, {"a": (int, 2)}),
    "a description changes": ({"a": (int, Field(description="x"))}, {"a": (int, Field(description="y"))}),
    "a union gets a second kind": (
        {"a": (Circle, ...)},
        {"a": (Circle | Square, Field(discriminator="kind"))},
    ),
}
FORBIDDEN = {
    "a field is removed": ({"a": (int, ...), "b": (int, 0)}, {"a": (int, ...)}),
    "a field is renamed": ({"a": (int, ...)}, {"b": (int, ...)}),
    "a field changes its type": ({"a": (int, ...)}, {"a": (str, ...)}),
    "a field becomes nullable": ({"a": (str, ...)}, {"a": (OPTIONAL, ...)}),
    "a field is no longer nullable": ({"a": (OPTIONAL, ...)}, {"a": (str, ...)}),
    "a required field is added": ({"a": (int, ...)}, {"a": (int, ...), "b": (int, ...)}),
    "an optional field becomes required": ({"a": (int, 1)}, {"a": (int, ...)}),
    "a required field becomes optional": ({"a": (int, ...)}, {"a": (int, 1)}),
    "an enumeration loses a value": ({"a": (Literal["x", "y"], ...)}, {"a": (Literal["x"], ...)}),
    "a text becomes an enumeration": ({"a": (str, ...)}, {"a": (Literal["x"], ...)}),
    "a limit is added": ({"a": (int, ...)}, {"a": (int, Field(le=10))}),
    "a limit is narrowed": ({"a": (int, Field(ge=0))}, {"a": (int, Field(ge=1))}),
    "a pattern changes": ({"a": (str, Field(pattern="a"))}, {"a": (str, Field(pattern="b"))}),
    "a list has another item type": ({"a": (list[int], ...)}, {"a": (list[str], ...)}),
    "a mapping has another value type": ({"a": (dict[str, int], ...)}, {"a": (dict[str, str], ...)}),
    "a union loses a kind": (
        {"a": (Circle | Square, Field(discriminator="kind"))},
        {"a": (Circle, ...)},
    ),
    "a class is replaced": ({"a": (Circle, ...)}, {"a": (Square, ...)}),
}


@pytest.mark.parametrize(("old", "new"), ALLOWED.values(), ids=ALLOWED.keys())
def test_allowed(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaks(schema(**old), schema(**new)) == []


@pytest.mark.parametrize(("old", "new"), FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_forbidden(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaks(schema(**old), schema(**new))


def test_a_nested_change_is_reported_with_its_path() -> None:
    inner = create_model("Inner", radius=(float, ...)), create_model("Inner", size=(float, 1.0))
    before, after = (schema(a=(list.__class_getitem__(model), ...)) for model in inner)

    assert set(breaks(before, after)) == {".a items.radius was removed", ".a items.radius became optional"}


def test_a_recursive_schema_is_compared() -> None:
    class Tree(BaseModel):
        children: list["Tree"] = []

    assert breaks(Tree.model_json_schema(), Tree.model_json_schema()) == []


# ---- committed contracts ----


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def baselines() -> list[str]:
    """The commits to compare with: the last release and HEAD."""
    try:
        committed = git("rev-parse", "--short", "HEAD").split()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("outside a git checkout there is no earlier contract to compare with")
    releases = git("tag", "--merged", "HEAD", "--sort=-version:refname", "--list", "v*").split()
    return [*releases[:1], *committed]


def test_committed_contracts_stay_compatible() -> None:
    folder = FOLDER.relative_to(ROOT).as_posix()
    now = json_schemas()
    violations: list[str] = []
    for commit in baselines():
        for path in git("ls-tree", "--name-only", commit, f"{folder}/").split():
            name = Path(path).stem
            if name == ASYNCAPI:
                continue
            old = json.loads(git("show", f"{commit}:{path}"))
            problems = breaks(old, now[name]) if name in now else [" was removed"]
            violations += [f"{commit}: {name}{problem}" for problem in problems]

    assert not violations, "\n".join([*violations, "Keep the old version and add a new one (CONTRIBUTING.md)."])
