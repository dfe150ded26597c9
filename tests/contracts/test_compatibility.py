"""The rule of what may change, and that what is committed was not broken."""

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
    "an optional field is new": ({"a": (int, ...)}, {"a": (int, ...), "b": (OPTIONAL, None)}),
    "an enumeration has a new value": ({"a": (Literal["x"], ...)}, {"a": (Literal["x", "y"], ...)}),
    "a limit is wider": ({"a": (int, Field(le=10))}, {"a": (int, Field(le=20))}),
    "a limit is gone": ({"a": (str, Field(max_length=10))}, {"a": (str, ...)}),
    "a default is another": ({"a": (int, 1)}, {"a": (int, 2)}),
    "the words are others": ({"a": (int, Field(description="x"))}, {"a": (int, Field(description="y"))}),
    "a shape has a second kind": (
        {"a": (Circle, ...)},
        {"a": (Circle | Square, Field(discriminator="kind"))},
    ),
}
FORBIDDEN = {
    "a field is gone": ({"a": (int, ...), "b": (int, 0)}, {"a": (int, ...)}),
    "a field has another name": ({"a": (int, ...)}, {"b": (int, ...)}),
    "a field has another type": ({"a": (int, ...)}, {"a": (str, ...)}),
    "a field may be null": ({"a": (str, ...)}, {"a": (OPTIONAL, ...)}),
    "a field may never be null": ({"a": (OPTIONAL, ...)}, {"a": (str, ...)}),
    "a required field is new": ({"a": (int, ...)}, {"a": (int, ...), "b": (int, ...)}),
    "an optional field is required": ({"a": (int, 1)}, {"a": (int, ...)}),
    "a required field is optional": ({"a": (int, ...)}, {"a": (int, 1)}),
    "an enumeration lost a value": ({"a": (Literal["x", "y"], ...)}, {"a": (Literal["x"], ...)}),
    "a text became an enumeration": ({"a": (str, ...)}, {"a": (Literal["x"], ...)}),
    "a limit is new": ({"a": (int, ...)}, {"a": (int, Field(le=10))}),
    "a limit is narrower": ({"a": (int, Field(ge=0))}, {"a": (int, Field(ge=1))}),
    "a pattern is another": ({"a": (str, Field(pattern="a"))}, {"a": (str, Field(pattern="b"))}),
    "a list holds something else": ({"a": (list[int], ...)}, {"a": (list[str], ...)}),
    "a mapping holds something else": ({"a": (dict[str, int], ...)}, {"a": (dict[str, str], ...)}),
    "a kind of shape is gone": (
        {"a": (Circle | Square, Field(discriminator="kind"))},
        {"a": (Circle, ...)},
    ),
    "a kind of shape is another": ({"a": (Circle, ...)}, {"a": (Square, ...)}),
}


@pytest.mark.parametrize(("old", "new"), ALLOWED.values(), ids=ALLOWED.keys())
def test_allowed(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaks(schema(**old), schema(**new)) == []


@pytest.mark.parametrize(("old", "new"), FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_forbidden(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaks(schema(**old), schema(**new))


def test_a_change_deep_inside_says_where() -> None:
    inner = create_model("Inner", radius=(float, ...)), create_model("Inner", size=(float, 1.0))
    before, after = (schema(a=(list.__class_getitem__(model), ...)) for model in inner)

    assert set(breaks(before, after)) == {".a items.radius is gone", ".a items.radius is no longer always there"}


def test_a_schema_that_contains_itself_is_compared() -> None:
    class Tree(BaseModel):
        children: list["Tree"] = []

    assert breaks(Tree.model_json_schema(), Tree.model_json_schema()) == []


# ---- what was promised ----


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def promises() -> list[str]:
    """The commits whose contracts hold: the last release, and what is committed."""
    try:
        committed = git("rev-parse", "--short", "HEAD").split()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: there is no earlier contract to compare with")
    releases = git("tag", "--merged", "HEAD", "--sort=-version:refname", "--list", "v*").split()
    return [*releases[:1], *committed]


def test_no_promise_is_broken() -> None:
    folder = FOLDER.relative_to(ROOT).as_posix()
    now = json_schemas()
    found: list[str] = []
    for commit in promises():
        for path in git("ls-tree", "--name-only", commit, f"{folder}/").split():
            name = Path(path).stem
            if name == ASYNCAPI:
                continue
            old = json.loads(git("show", f"{commit}:{path}"))
            wrong = breaks(old, now[name]) if name in now else ["is gone"]
            found += [f"{commit}: {name}{problem}" for problem in wrong]

    assert not found, "\n".join([*found, "Keep the old version and add a new one beside it (CONTRIBUTING.md)."])
