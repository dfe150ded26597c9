"""The contracts as JSON Schema and AsyncAPI, for clients in other languages and for the compatibility test.

`python -m common.contract.schemas` writes them to the folder `schemas`; `--check` prints the differences and exits with
1. Never edit the files by hand: change events/ or questions/ and run `make schemas`.
"""

import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel

from common.contract.asyncapi import Schema, asyncapi, type_of
from common.contract.clips import ClipIndex
from common.contract.events import FACTS, JOBS
from common.contract.labels import ObjectState, Suggestions
from common.contract.questions import QUESTIONS

FOLDER = Path(__file__).with_name("schemas")
ASYNCAPI = "asyncapi"
# Files in S3 that one service writes and another reads. A snapshot has one ObjectState per line.
STORED_FILES: tuple[type[BaseModel], ...] = (ClipIndex, ObjectState, Suggestions)


def json_schemas() -> dict[str, Schema]:
    """Every contract by name: facts and jobs by their type, questions by their subject, carried files by class."""
    by_name: dict[str, type[BaseModel]] = {type_of(event): event for event in (*FACTS, *JOBS)}
    for question in QUESTIONS:
        by_name[question.subject()] = question
        by_name[f"{question.subject()}.answer"] = question.answer()
    by_name |= {f"carry.{model.__name__}": model for model in STORED_FILES}
    return {name: _json_schema(name, model) for name, model in sorted(by_name.items())}


def _json_schema(name: str, model: type[BaseModel]) -> Schema:
    # Validation mode: a field with a default is not required, because older messages may lack it.
    schema = model.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"tracklane:{name}", **schema}


def files() -> dict[str, str]:
    """Every generated file's text by its name."""
    contents = {**json_schemas(), ASYNCAPI: asyncapi()}
    return {
        f"{name}.json": json.dumps(content, indent=2, ensure_ascii=False) + "\n" for name, content in contents.items()
    }


def committed(folder: Path = FOLDER) -> dict[str, str]:
    """The committed files in `folder`: text by name."""
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.json"))}


def difference(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """A unified diff from the files `old` to the files `new`; empty if they are equal."""
    lines: list[str] = []
    for name in sorted({*old, *new}):
        before, after = (side.get(name, "").splitlines(keepends=True) for side in (old, new))
        lines += difflib.unified_diff(before, after, f"committed/{name}", f"generated/{name}")
    return "".join(lines)


def write(folder: Path = FOLDER) -> None:
    """Write the generated files to `folder` and delete stale ones."""
    generated = files()
    folder.mkdir(exist_ok=True)
    for name in committed(folder).keys() - generated.keys():
        (folder / name).unlink()
    for name, text in generated.items():
        (folder / name).write_text(text, "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Write the files, or compare them with `--check`. Returns the exit code."""
    if list(arguments) != ["--check"]:
        write()
        return 0
    if changes := difference(committed(), files()):
        print(f"{changes}\nThe committed schemas do not match events/ and questions/. Run `make schemas`.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
