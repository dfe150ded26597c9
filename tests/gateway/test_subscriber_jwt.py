"""The tokens between a NATS server and the gateway: only signed requests are read, and replies are signed."""

import base64
import json

import nkeys
import pytest

from gateway.subscribers.jwt import AuthorizationRequest, NotARequest, Permissions, admit, read_request, refuse, sign

NOW_S = 1_800_000_000
SERVER_SEED = nkeys.encode_seed(b"s" * 32, nkeys.PREFIX_BYTE_SERVER).decode()
ISSUER_SEED = nkeys.encode_seed(b"i" * 32, nkeys.PREFIX_BYTE_ACCOUNT).decode()
ISSUER = nkeys.from_seed(ISSUER_SEED.encode()).public_key.decode()
REQUEST = AuthorizationRequest(
    user_nkey="UUSER", server_id="NSERVER", user="acme-trainer", password="secret", host="127.0.0.1"
)
CLAIMS = {
    "sub": ISSUER,
    "nats": {
        "server_id": {"name": "tracklane", "host": "127.0.0.1", "id": "NSERVER"},
        "user_nkey": "UUSER",
        "client_info": {"host": "127.0.0.1", "id": 7},
        "connect_opts": {"user": "acme-trainer", "pass": "secret", "protocol": 1},
    },
}


def claims_of(token: bytes | str) -> dict[str, object]:
    text = token.decode() if isinstance(token, bytes) else token
    part = text.split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def test_a_request_is_read_with_the_password_the_client_sent() -> None:
    token = sign(CLAIMS, SERVER_SEED, NOW_S).encode()

    assert read_request(token, ISSUER) == REQUEST


def test_a_request_without_user_and_password_is_read_as_empty() -> None:
    anonymous = {**CLAIMS, "nats": {**CLAIMS["nats"], "connect_opts": {"protocol": 1}}}

    request = read_request(sign(anonymous, SERVER_SEED, NOW_S).encode(), ISSUER)

    assert (request.user, request.password) == ("", "")


@pytest.mark.parametrize(
    "token",
    [
        b"",
        b"no token at all",
        b"a.b.c",
        b"..",
        b"\xff.\xff.\xff",
        sign(CLAIMS, ISSUER_SEED, NOW_S).encode(),  # signed, but not by a server
        sign({**CLAIMS, "sub": "AOTHER"}, SERVER_SEED, NOW_S).encode(),
        sign({**CLAIMS, "nats": {}}, SERVER_SEED, NOW_S).encode(),
        sign({**CLAIMS, "nats": "text"}, SERVER_SEED, NOW_S).encode(),
    ],
)
def test_tokens_not_signed_by_a_server_are_refused(token: bytes) -> None:
    with pytest.raises(NotARequest):
        read_request(token, ISSUER)


def test_a_changed_request_is_refused() -> None:
    header, _, signature = sign(CLAIMS, SERVER_SEED, NOW_S).split(".")
    changed = {**claims_of(sign(CLAIMS, SERVER_SEED, NOW_S)), "exp": NOW_S}
    body = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")

    with pytest.raises(NotARequest):
        read_request(f"{header}.{body}.{signature}".encode(), ISSUER)


def test_an_admitted_user_gets_only_the_listed_subjects() -> None:
    answer = admit(
        REQUEST,
        Permissions(publish=["$JS.ACK.>"], subscribe=["_INBOX.acme.>"]),
        account="TRACKLANE",
        issuer_seed=ISSUER_SEED,
        now_s=NOW_S,
        expires_s=NOW_S + 3600,
    )

    response = claims_of(answer)
    assert (response["iss"], response["sub"], response["aud"]) == (ISSUER, "UUSER", "NSERVER")
    user = claims_of(response["nats"]["jwt"])  # type: ignore[index]
    assert (user["sub"], user["aud"], user["exp"]) == ("UUSER", "TRACKLANE", NOW_S + 3600)
    assert user["nats"]["pub"] == {"allow": ["$JS.ACK.>"]}  # type: ignore[index]
    assert user["nats"]["sub"] == {"allow": ["_INBOX.acme.>"]}  # type: ignore[index]


def test_an_empty_list_of_subjects_allows_none() -> None:
    answer = admit(
        REQUEST, Permissions(publish=[], subscribe=[]), account="TRACKLANE", issuer_seed=ISSUER_SEED, now_s=NOW_S
    )

    user = claims_of(claims_of(answer)["nats"]["jwt"])  # type: ignore[index]
    assert user["nats"]["pub"] == user["nats"]["sub"] == {"deny": [">"]}  # type: ignore[index]
    assert "exp" not in user


def test_a_refusal_has_a_reason_and_no_user() -> None:
    response = claims_of(refuse(REQUEST, "wrong token", issuer_seed=ISSUER_SEED, now_s=NOW_S))

    assert response["nats"] == {"error": "wrong token", "type": "authorization_response", "version": 2}


def test_the_same_claims_at_the_same_time_are_the_same_token() -> None:
    assert sign(CLAIMS, SERVER_SEED, NOW_S) == sign(CLAIMS, SERVER_SEED, NOW_S)
    assert sign(CLAIMS, SERVER_SEED, NOW_S) != sign(CLAIMS, SERVER_SEED, NOW_S + 1)
