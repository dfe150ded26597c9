"""The compatibility rule of published contracts: clients of the old version must keep working.

Allowed: a new optional field, a new value of an enumeration, a new kind in a discriminated union, a wider limit, other
descriptions. Any other change needs a new version, published in parallel with the old one.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
WORDS = {"title", "description", "default", "examples", "$id", "$schema", "$defs"}
# The direction in which a limit may move.
LOOSER = {
    "minimum": -1,
    "exclusiveMinimum": -1,
    "minLength": -1,
    "minItems": -1,
    "maximum": 1,
    "exclusiveMaximum": 1,
    "maxLength": 1,
    "maxItems": 1,
}
SETS = {"enum", "const"}
BRANCHES = {"oneOf", "discriminator"}
FIELDS = {"properties", "required"}


def breaks(old: Schema, new: Schema) -> list[str]:
    """Describe every incompatible change from `old` to `new`."""
    return list(_Comparison(old, new).at(old, new, ""))


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str]] = set()

    def at(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        if "$ref" in old or "$ref" in new:
            yield from self._behind_references(old, new, where)
            return
        if "oneOf" in new:
            yield from self._kinds(old, new, where)
            return
        yield from self._fields(old, new, where)
        yield from _values(old, new, where)
        yield from _limits(old, new, where)
        yield from self._rest(old, new, where)

    def _behind_references(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        pair = (str(old.get("$ref", where)), str(new.get("$ref", where)))
        if pair not in self._seen:  # a schema may contain itself
            self._seen.add(pair)
            yield from self.at(_resolved(old, self._old), _resolved(new, self._new), where)

    def _fields(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required_before, required_after = set(old.get("required", ())), set(new.get("required", ()))
        for name in before.keys() - after.keys():
            yield f"{where}.{name} was removed"
        for name in sorted(required_after - required_before):
            yield f"{where}.{name} became required"
        for name in sorted(required_before - required_after):
            yield f"{where}.{name} became optional"
        for name in before.keys() & after.keys():
            yield from self.at(before[name], after[name], f"{where}.{name}")

    def _kinds(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """A discriminated union. A single class may become such a union."""
        field = new.get("discriminator", {}).get("propertyName")
        if field is None or ("oneOf" in old and old["discriminator"]["propertyName"] != field):
            yield f"{where} has another discriminator"
            return
        before, after = _by_kind(old, self._old, field), _by_kind(new, self._new, field)
        for kind in before:
            if kind in after:
                yield from self.at(before[kind], after[kind], f"{where}[{kind}]")
            else:
                yield f"{where}[{kind}] was removed"

    def _rest(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        """All other keywords must be equal, nested ones included."""
        known = WORDS | SETS | BRANCHES | FIELDS | LOOSER.keys()
        for key in sorted((old.keys() | new.keys()) - known):
            yield from self._same(old.get(key), new.get(key), f"{where} {key}")

    def _same(self, old: Any, new: Any, where: str) -> Iterator[str]:
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self.at(old, new, where)
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for number, (before, after) in enumerate(zip(old, new, strict=True)):
                yield from self._same(before, after, f"{where}[{number}]")
        elif old != new:
            yield f"{where} changed from {old!r} to {new!r}"


def _values(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = _set_of_values(old), _set_of_values(new)
    if (before is None) != (after is None):
        yield f"{where} became {'free' if after is None else 'an enumeration'}"
    elif before is not None and after is not None and before - after:
        yield f"{where} lost the values {', '.join(sorted(before - after))}"


def _limits(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for limit, direction in LOOSER.items():
        before, after = old.get(limit), new.get(limit)
        if after is not None and (before is None or (after - before) * direction < 0):
            yield f"{where} has a narrower {limit}: {before} → {after}"


def _set_of_values(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _by_kind(schema: Schema, whole: Schema, field: str) -> dict[str, Schema]:
    branches = [_resolved(branch, whole) for branch in schema.get("oneOf", [schema])]
    return {branch.get("properties", {}).get(field, {}).get("const", "?"): branch for branch in branches}


def _resolved(schema: Schema, whole: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    target: Schema = whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return target
