"""YAML is read as a whole reader of it reads it, as far as data sets need it; all scalars stay text."""

import re
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from export.codecs.yaml import parsed
from export.formats.yolo.writer_ultralytics import quoted

DATA_SET = """\
# A comment
path: ../datasets/coco8  # root dir
train: images/train
val:
  - a.txt
  - b
test: # optional
nc: 80
names: ['person', "bi, cycle", it's]
kpt_shape: [17, 3]
roboflow:
  workspace: x
  license: CC BY 4.0
url: http://x.y/z?a=b:c#d
"""


def as_text(found: Any) -> Any:
    """What a whole reader reads, with numbers as text."""
    if isinstance(found, dict):
        return {str(name): as_text(value) for name, value in found.items()}
    if isinstance(found, list):
        return [as_text(value) for value in found]
    return found if found is None else str(found)


@pytest.mark.parametrize(
    "text",
    [
        DATA_SET,
        DATA_SET.replace("\n", "\r\n"),
        "---\nnames:\n  0: person\n  1: \"bi: cycle\"\n  2: 'it''s'\n",
        "names:\n- person\n- 'it''s'\n-\n- x: 1\n  y: 2\n- - a\n  - b\ntail: x\n",
        "names: {0: person, 1: 'car', \"2\": [a, b]}\n",
        "names: [\n  'a', # one\n  'b',\n]\nx: y\n",
        "names: ['a', 'b',\n        'c d\n  e', traffic\n   light]\nx: y # k\n",
        "a: b\n  c d\n  e\nf: 'x\n  y'\ng: \"x\\\n  \\ y\"\n",
        "names: []\nn: {}\n",
        "kpt_names:\n  0:\n    - nose\n    - left eye\n  1: [a]\n",
        "{a: '', b: [c]}\n",
        "",
    ],
)
def test_what_data_sets_have_is_read(text: str) -> None:
    assert parsed(text) == as_text(yaml.safe_load(text))


def test_texts_of_many_lines_are_passed_over() -> None:
    assert parsed("download: |\n  import x # y\n   [\na: b\n") == {"download": "", "a": "b"}


@given(st.text(st.characters(codec="utf-8")))
@settings(max_examples=300)
def test_names_come_back_whatever_is_in_them(name: str) -> None:
    assert parsed(f"names:\n  0: {quoted(name)}\n") == {"names": {"0": name}}


@given(
    st.dictionaries(st.sampled_from("abc"), st.text(max_size=8) | st.lists(st.text(max_size=30), max_size=4)),
    st.sampled_from([None, True, False]),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_what_another_program_writes_is_read(said: dict[str, Any], is_flow: bool | None, is_ascii: bool) -> None:
    text = yaml.safe_dump(said, allow_unicode=not is_ascii, default_flow_style=is_flow)

    # Forms with empty lines or of their own are none that names need; nor are other breaks of lines.
    if not re.search("\n\n|[?] |[\x85\u2028\u2029]", text):
        assert parsed(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "a: *b",
        "a: &b c",
        "a: !!int 3",
        "a: [b",
        "a: {b: c",
        "a: 'b",
        'a: "b',
        "word",
        "a: b\n   - c: d\n  e: f",
        "a: [b] c",
    ],
)
def test_what_is_not_known_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"line [0-9]+ is not known"):
        parsed(text)


@given(st.text("abc:-[]{}\"'#\\\n ,|0x") | st.text())
@settings(max_examples=300)
def test_whatever_it_is_it_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        parsed(text)


def test_deep_and_long_texts_are_refused() -> None:
    for text in ("[" * 10_000, "a: " + "{a: " * 10_000, "a:\n" + "".join(" " * at + "a:\n" for at in range(1, 100))):
        with pytest.raises(ValueError, match="not known"):
            parsed(text)
    with pytest.raises(ValueError, match="too long"):
        parsed("a" * (5 << 20))


def test_halves_of_characters_are_joined_or_replaced() -> None:
    assert parsed(r'a: "\ud83d\ude00 \ud83d"') == {"a": "😀 �"}
