"""YAML documents are parsed as PyYAML parses them, but scalars stay text and hostile documents are refused."""

from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from export.codecs.yaml import MAX_CHARACTERS, YamlError, parse_yaml
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
    """The value that PyYAML's safe loader gives, with numbers as text."""
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
def test_data_sets_are_parsed(text: str) -> None:
    assert parse_yaml(text) == as_text(yaml.safe_load(text))


def test_block_scalars_are_text() -> None:
    assert parse_yaml("download: |\n  import x # y\na: >\n  b\n  c\n") == {"download": "import x # y\n", "a": "b c\n"}


def test_scalars_stay_text() -> None:
    text = "a: no\nb: 007\nc: null\nd: ~\ne: 1.0\nf: 2026-01-01\n<<: x\n"

    assert parse_yaml(text) == {
        "a": "no", "b": "007", "c": "null", "d": "~", "e": "1.0", "f": "2026-01-01", "<<": "x"
    }  # fmt: skip


@given(st.text(st.characters(codec="utf-8")))
def test_written_names_are_parsed_back(name: str) -> None:
    assert parse_yaml(f"names:\n  0: {quoted(name)}\n") == {"names": {"0": name}}


@given(
    st.dictionaries(st.sampled_from("abc"), st.text(max_size=8) | st.lists(st.text(max_size=30), max_size=4)),
    st.sampled_from([None, True, False]),
    st.booleans(),
)
def test_documents_of_other_programs_are_parsed(written: dict[str, Any], is_flow: bool | None, is_ascii: bool) -> None:
    text = yaml.safe_dump(written, allow_unicode=not is_ascii, default_flow_style=is_flow)

    assert parse_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: *b", "yaml_not_allowed"),
        ("a: &b c", "yaml_not_allowed"),
        ("a: !!int 3", "yaml_not_allowed"),
        ("a: !python/object/apply:os.system [id]", "yaml_not_allowed"),
        ("a: ! b", "yaml_not_allowed"),
        ("a: [b", "invalid_yaml"),
        ("a: {b: c", "invalid_yaml"),
        ("a: 'b", "invalid_yaml"),
        ('a: "b', "invalid_yaml"),
        ('a: "\\UFFFFFFFF"', "invalid_yaml"),
        ("a: \x00", "invalid_yaml"),
        ("a: b\n   - c: d\n  e: f", "invalid_yaml"),
        ("a: [b] c", "invalid_yaml"),
        ("a: b\n---\nc: d", "invalid_yaml"),
        ("? [a, b]\n: c", "invalid_yaml"),
        ("a: b\nc: d\na: e", "yaml_duplicate_key"),
        ("a: {b: c, b: d}", "yaml_duplicate_key"),
    ],
)
def test_unsupported_documents_are_refused(text: str, code: str) -> None:
    with pytest.raises(YamlError) as refused:
        parse_yaml(text)

    assert refused.value.code == code
    assert refused.value.params["line"] in range(1, 2 + text.count("\n"))


def test_expanding_aliases_are_refused() -> None:
    lines = ["a0: &a0 [lol, lol]"] + [f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]" for at in range(1, 40)]

    with pytest.raises(YamlError, match="yaml_not_allowed"):
        parse_yaml("\n".join(lines))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "a: " + "{a: " * 10_000,
        "- " * 10_000 + "a",
        "a:\n" + "".join(" " * at + "a:\n" for at in range(1, 100)),
    ],
)
def test_deep_documents_are_refused(text: str) -> None:
    with pytest.raises(YamlError, match="nested_too_deeply"):
        parse_yaml(text)


def test_long_documents_are_refused() -> None:
    with pytest.raises(YamlError, match="file_too_long"):
        parse_yaml("a" * (MAX_CHARACTERS + 1))


def test_a_huge_scalar_is_one_text() -> None:
    huge = "a" * 1_000_000

    assert parse_yaml(f"names: ['{huge}']") == {"names": [huge]}


@given(st.text("abc:-[]{}\"'#\\\n ,|0x&*!?%") | st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with suppress(YamlError):
        parse_yaml(text)


def test_escaped_surrogates_are_joined_or_replaced() -> None:
    assert parse_yaml(r'a: "\ud83d\ude00 \ud83d"') == {"a": "😀 \ufffd"}
