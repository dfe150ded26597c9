"""The gateway's pure parts."""

import csv
import io
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.edits import Rules
from gateway.cache import TTL_S, Remembered
from gateway.domain.content_disposition import attachment
from gateway.domain.credentials import fingerprint, new_secret, normalized_email
from gateway.domain.csv_tables import csv_lines
from gateway.domain.email_templates import verification_email
from gateway.domain.json_limits import MAX_DEPTH, MAX_ITEMS, MAX_KEYS, limit_violation
from gateway.domain.project_settings import ProjectSettings
from gateway.domain.request_origin import is_cross_site
from gateway.domain.roles import Role, may, sees_everyone
from gateway.domain.segment_names import SegmentName
from gateway.domain.sign_in_delay import wait_s
from gateway.live.connections import Connection
from gateway.live.stream import _places
from gateway.subscribers.permissions import Grant

OWN = "http://127.0.0.1:8080"


def nested(levels: int) -> list[object]:
    found: list[object] = []
    for _ in range(levels - 1):
        found = [found]
    return found


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"origin": OWN}, False),
        ({"origin": OWN, "sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://other", "host": "other"}, False),
        ({"origin": "http://other", "host": "127.0.0.1:8080"}, True),
        ({"origin": "null", "host": "127.0.0.1:8080"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost:5173", "host": "127.0.0.1:8080"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
    ],
)
def test_a_browser_tells_whose_page_it_was(headers: dict[str, str], elsewhere: bool) -> None:
    assert is_cross_site(headers, OWN) is elsewhere


def test_waiting_grows_and_has_an_end() -> None:
    assert [wait_s(failures) for failures in (0, 4, 5, 6, 7, 11, 12, 10_000)] == [0, 0, 1, 2, 4, 60, 60, 60]


@pytest.mark.parametrize("text", ["0-copy-0", "12-proxy-345", "3-still-0"])
def test_a_segments_name_comes_back(text: str) -> None:
    assert str(SegmentName.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "0-copy", "00-copy-1", "-1-copy-1", "0-other-1", "0-copy-1\n", "0-copy-1/../x", "٣-copy-1"]
)
def test_what_names_no_segment_is_none(text: str) -> None:
    assert SegmentName.parse(text) is None


@given(st.text(min_size=1, max_size=80))
def test_any_file_name_travels_in_a_header(name: str) -> None:
    name = name.encode(errors="ignore").decode()
    header = attachment(name)

    assert header.isascii()
    assert not set("\r\n") & set(header)
    assert header.count('"') == 2
    assert unquote(header.rpartition("''")[2]) == name


def test_the_letter_escapes_what_people_call_themselves() -> None:
    link = "http://x/verify?token=a&b=c"
    letter = verification_email("<b>Ada</b>", "ada@example.org", "T <t@localhost>", link, hours=48, support="s@x")
    html = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]

    assert "<b>Ada" not in html
    assert "token=a&amp;b=c" in html
    assert link in letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_letter_to_two_lines_is_no_letter() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        verification_email("Ada", "a@x\r\nBcc: b@y", "t@localhost", "http://x", hours=1, support="")


def test_secrets_are_stored_as_fingerprints_only() -> None:
    secret = new_secret("tracklane_")

    assert len(secret) > 40
    assert secret not in fingerprint(secret)
    assert normalized_email(" Ada@Example.ORG ") == "ada@example.org"


def test_roles_may_what_the_table_says() -> None:
    assert may("labeler", "label")
    assert not may("labeler", "invite")
    assert not may("labeler", "subscribe")
    assert may("developer", "subscribe")
    assert not may("developer", "invite")
    assert may("owner", "invite")


def test_a_grant_names_one_consumer_and_one_filter() -> None:
    grant = Grant("sub-1", "acme")

    assert grant.publish[0] == "$JS.API.CONSUMER.CREATE.ANNOTATION.sub-1.annotation.changed.v1.acme"
    assert all("*" not in subject for subject in grant.publish)
    assert all(".sub-1" in subject for subject in grant.publish)
    assert grant.subscribe == ["_INBOX_sub-1.>"]


@pytest.mark.parametrize(
    ("reply", "places"),
    [
        ("$JS.ACK.LIVE.hub-1.1.17.3.1700000000.0", (17, 3)),
        ("$JS.ACK.domain.account.LIVE.hub-1.1.17.3.1700000000.0.token", (17, 3)),
    ],
)
def test_a_message_tells_its_places(reply: str, places: tuple[int, int]) -> None:
    assert _places(reply) == places


async def test_a_tab_gets_no_fact_twice() -> None:
    tab = Connection("acme", None)
    tab.last = 5
    for sequence in (4, 5, 6, 6, 7):
        tab.enqueue(f"fact {sequence}", sequence)
    tab.enqueue("beat")

    assert [await tab.next() for _ in range(3)] == ["fact 6", "fact 7", "beat"]


async def test_an_answer_holds_for_seconds_and_nothing_is_asked_again() -> None:
    now, asked = 0.0, []
    remembered: Remembered[str, str] = Remembered(clock=lambda: now)

    async def answer() -> str | None:
        asked.append(now)
        return "owner" if len(asked) > 1 else None

    got = [await remembered.get("ada", answer) for _ in range(4)]
    now = TTL_S
    await remembered.get("ada", answer)
    remembered.forget("ada")
    await remembered.get("ada", answer)

    assert got == [None, "owner", "owner", "owner"]
    assert asked == [0.0, 0.0, TTL_S, TTL_S]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"a": [1, {"b": [[2.5, "x", None, True]]}]}, None),
        (nested(MAX_DEPTH), None),
        (nested(MAX_DEPTH + 1), "nested"),
        ({"wide": [nested(3)] * 50 + [nested(MAX_DEPTH)]}, "nested"),
        (dict.fromkeys(map(str, range(MAX_KEYS))), None),
        ([{"in": dict.fromkeys(map(str, range(MAX_KEYS + 1)))}], "names"),
        ({"a": [0] * MAX_ITEMS}, None),
        ({"a": [0] * (MAX_ITEMS + 1)}, "items"),
        ("[" * 100, None),
        (5, None),
    ],
)
def test_what_json_may_look_like(value: object, word: str | None) -> None:
    said = limit_violation(value)

    assert said is None if word is None else word in (said or "")


def test_a_table_runs_nothing_in_a_spreadsheet() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "a,b", 'say "x"', "two\nlines", "plain", "1-2"]

    table = csv_lines([texts, [-1.5, None, 7]]).decode()

    rows = list(csv.reader(io.StringIO(table)))
    assert rows[0] == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\tx", "a,b", 'say "x"', "two\nlines", "plain", "1-2"]
    assert rows[1] == ["-1.5", "", "7"]


def test_a_project_holds_edits_to_its_settings() -> None:
    assert ProjectSettings().rules == Rules()
    assert ProjectSettings(outside="refuse", sync_labels=True).rules == Rules(outside="refuse", sync_labels=True)


def test_those_who_lead_configure() -> None:
    roles: tuple[Role, ...] = ("owner", "admin", "labeler", "developer")

    assert (
        [may(role, "configure") for role in roles]
        == [sees_everyone(role) for role in roles]
        == [True, True, False, False]
    )
