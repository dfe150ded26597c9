"""YAML from untrusted archives, parsed with PyYAML: maps, lists and scalars in one document.

Scalars stay text, so that a class may be named `no` or `007`. Anchors, aliases and tags are refused, and the size and
the nesting of a document are limited.
"""

from collections.abc import Iterator
from typing import TypeAlias

import yaml

from common.contract.errors import CodedError

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
MAX_DEPTH = 16
MAX_CHARACTERS = 4 << 20


class YamlError(CodedError, ValueError):
    """The document is not valid YAML, or uses what is not allowed in archives."""


def parse_yaml(text: str) -> Value:
    """The value of a document; an empty document is None.

    Raises:
        YamlError: it is malformed, too long, nested too deeply, or has anchors, aliases, tags or duplicate keys.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlError("file_too_long", limit_mb=MAX_CHARACTERS >> 20)
    events = _events(text)
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            value = _value(event, events, 0)
            if any(isinstance(rest, yaml.NodeEvent) for rest in events):
                raise _invalid(event)
            return value
    return None


def _events(text: str) -> Iterator[yaml.Event]:
    line = 1
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = _line(event)
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError("invalid_yaml", line=mark.line + 1 if mark else line) from error
    # Characters and escapes that Unicode does not have.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise YamlError("invalid_yaml", line=line) from error


def _value(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Value:
    if depth > MAX_DEPTH:
        raise YamlError("nested_too_deeply")
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
        raise YamlError("yaml_not_allowed", line=_line(event))
    if isinstance(event, yaml.ScalarEvent):
        is_empty = not event.value and event.style is None
        return None if is_empty else _join_surrogates(event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        return list(_items(events, depth + 1))
    return _mapping(events, depth + 1)


def _items(events: Iterator[yaml.Event], depth: int) -> Iterator[Value]:
    for event in events:
        if isinstance(event, yaml.SequenceEndEvent):
            return
        yield _value(event, events, depth)


def _mapping(events: Iterator[yaml.Event], depth: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        key = _value(event, events, depth) or ""
        if not isinstance(key, str):
            raise _invalid(event)
        if key in found:
            raise YamlError("yaml_duplicate_key", key=key[:100], line=_line(event))
        found[key] = _value(next(events), events, depth)
    return found


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _invalid(event: yaml.Event) -> YamlError:
    return YamlError("invalid_yaml", line=_line(event))


def _join_surrogates(text: str) -> str:
    """Escaped halves of a character become the character; a half alone is replaced."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
