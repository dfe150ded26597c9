"""The gateway's domain."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.contract.edits import Rules
from gateway.domain.content_disposition import attachment
from gateway.domain.credentials import fingerprint, new_secret, normalized_email
from gateway.domain.email_templates import verification_email
from gateway.domain.json_limits import MAX_DEPTH, MAX_ITEMS, MAX_NAMES, JsonLimitExceeded, check_json
from gateway.domain.project_settings import ProjectSettings
from gateway.domain.request_origin import is_cross_site
from gateway.domain.roles import Role, may, sees_all_work
from gateway.domain.segment_names import SegmentName
from gateway.domain.sign_in_delay import delay_s
from gateway.live.connections import Connection
from gateway.live.stream import sequences_of

OWN = "http://127.0.0.1:8080"


def nested(levels: int) -> list[object]:
    value: list[object] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("headers", "cross_site"),
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
def test_requests_of_other_sites_are_recognized(headers: dict[str, str], cross_site: bool) -> None:
    assert is_cross_site(headers, OWN) is cross_site


def test_the_sign_in_delay_grows_up_to_a_minute() -> None:
    assert [delay_s(failures) for failures in (0, 4, 5, 6, 7, 11, 12, 10_000)] == [0, 0, 1, 2, 4, 60, 60, 60]


@pytest.mark.parametrize("text", ["0-copy-0", "12-proxy-345", "3-still-0"])
def test_a_segment_name_round_trips(text: str) -> None:
    assert str(SegmentName.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "0-copy", "00-copy-1", "-1-copy-1", "0-other-1", "0-copy-1\n", "0-copy-1/../x", "٣-copy-1"]
)
def test_malformed_segment_names_are_refused(text: str) -> None:
    assert SegmentName.parse(text) is None


@given(st.text(min_size=1, max_size=80))
def test_any_file_name_can_be_sent_in_a_header(name: str) -> None:
    name = name.encode(errors="ignore").decode()
    header = attachment(name)

    assert header.isascii()
    assert not set("\r\n") & set(header)
    assert header.count('"') == 2
    assert unquote(header.rpartition("''")[2]) == name


def test_the_verification_email_escapes_names() -> None:
    link = "http://x/verify?token=a&b=c"
    email = verification_email("<b>Ada</b>", "ada@example.org", "T <t@localhost>", link, hours=48, support="s@x")
    html = email.get_body(("html",)).get_content()  # type: ignore[union-attr]

    assert "<b>Ada" not in html
    assert "token=a&amp;b=c" in html
    assert link in email.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_an_email_address_with_a_line_feed_is_refused() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        verification_email("Ada", "a@x\r\nBcc: b@y", "t@localhost", "http://x", hours=1, support="")


def test_secrets_are_stored_as_fingerprints_only() -> None:
    secret = new_secret("tracklane_")

    assert len(secret) > 40
    assert secret not in fingerprint(secret)
    assert normalized_email(" Ada@Example.ORG ") == "ada@example.org"


def test_roles_have_their_rights() -> None:
    assert may("labeler", "label")
    assert not may("labeler", "invite")
    assert not may("labeler", "subscribe")
    assert may("developer", "subscribe")
    assert not may("developer", "invite")
    assert may("owner", "invite")


@pytest.mark.parametrize(
    ("reply", "sequences"),
    [
        ("$JS.ACK.LIVE.hub-1.1.17.3.1700000000.0", (17, 3)),
        ("$JS.ACK.domain.account.LIVE.hub-1.1.17.3.1700000000.0.token", (17, 3)),
    ],
)
def test_sequences_are_read_from_the_reply_subject(reply: str, sequences: tuple[int, int]) -> None:
    assert sequences_of(reply) == sequences


async def test_a_connection_receives_no_event_twice() -> None:
    connection = Connection("acme", None)
    connection.last_sequence = 5
    for sequence in (4, 5, 6, 6, 7):
        connection.enqueue(f"event {sequence}", sequence)
    connection.enqueue("heartbeat")

    assert [await connection.next() for _ in range(3)] == ["event 6", "event 7", "heartbeat"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"a": [1, {"b": [[2.5, "x", None, True]]}]}, None),
        (nested(MAX_DEPTH), None),
        (nested(MAX_DEPTH + 1), "json_too_deep"),
        ({"wide": [nested(3)] * 50 + [nested(MAX_DEPTH)]}, "json_too_deep"),
        (dict.fromkeys(map(str, range(MAX_NAMES))), None),
        ([{"in": dict.fromkeys(map(str, range(MAX_NAMES + 1)))}], "json_too_many_names"),
        ({"a": [0] * MAX_ITEMS}, None),
        ({"a": [0] * (MAX_ITEMS + 1)}, "json_too_many_items"),
        ("[" * 100, None),
        (5, None),
    ],
)
def test_json_beyond_the_limits_is_refused(value: object, code: str | None) -> None:
    try:
        check_json(value)
    except JsonLimitExceeded as error:
        assert error.code == code  # noqa: PT017 - the table has values without an error, too
    else:
        assert code is None


def test_project_settings_become_the_rules_of_edits() -> None:
    assert ProjectSettings().rules == Rules()
    assert ProjectSettings(outside="refuse", sync_labels=True).rules == Rules(outside="refuse", sync_labels=True)


def test_only_owners_and_admins_configure_and_see_all_work() -> None:
    roles: tuple[Role, ...] = ("owner", "admin", "labeler", "developer")

    assert (
        [may(role, "configure") for role in roles]
        == [sees_all_work(role) for role in roles]
        == [True, True, False, False]
    )
