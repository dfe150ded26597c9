"""The tokens of a NATS auth callout: the server asks about an unknown client, and the gateway signs its reply.

The server sends a request token to `$SYS.REQ.USER.AUTH`; the reply is a response token that holds either a user
token, with the permissions of the connection, or the reason of a refusal. All of them are JWTs signed by ed25519 nkeys.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nkeys
from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

REQUEST_SUBJECT = "$SYS.REQ.USER.AUTH"
_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}
_VERSION = 2
_UNLIMITED = {"subs": -1, "data": -1, "payload": -1}


class NotARequest(ValueError):
    """The bytes are not an authorization request of a NATS server."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """The client that connects. The reply repeats `user_nkey` and `server_id`, so that it cannot be used twice."""

    user_nkey: str
    server_id: str
    user: str
    password: str
    host: str


@dataclass(frozen=True, slots=True)
class Permissions:
    """The subjects that a connection may publish and subscribe to; everything else is denied."""

    publish: Sequence[str]
    subscribe: Sequence[str]


def read_request(token: bytes, issuer: str) -> AuthorizationRequest:
    """The request in `token`, which a server signed for the issuer (a public account nkey).

    Raises:
        NotARequest: malformed, not signed by a server, or meant for another issuer.
    """
    claims = _verified_claims(token)
    if not str(claims.get("iss")).startswith("N") or claims.get("sub") != issuer:
        raise NotARequest("not signed by a server for this issuer")
    try:
        request = claims["nats"]
        options = request["connect_opts"]
        return AuthorizationRequest(
            user_nkey=request["user_nkey"],
            server_id=request["server_id"]["id"],
            user=options.get("user", ""),
            password=options.get("pass", ""),
            host=request["client_info"].get("host", ""),
        )
    except (KeyError, TypeError) as error:
        raise NotARequest(f"a claim is missing: {error}") from error


def admit(
    request: AuthorizationRequest,
    permissions: Permissions,
    *,
    account: str,
    issuer_seed: str,
    now_s: int,
    expires_s: int | None = None,
) -> bytes:
    """The reply that admits the client to `account`, until `expires_s` if given.

    The server closes the connection at that time; the client comes back with its password and is asked about again.
    """
    user: dict[str, Any] = {
        "sub": request.user_nkey,
        "aud": account,
        "name": request.user,
        "nats": {
            "pub": _only(permissions.publish),
            "sub": _only(permissions.subscribe),
            **_UNLIMITED,
            "type": "user",
            "version": _VERSION,
        },
    }
    if expires_s is not None:
        user["exp"] = expires_s
    return _response(request, {"jwt": sign(user, issuer_seed, now_s)}, issuer_seed, now_s)


def refuse(request: AuthorizationRequest, reason: str, *, issuer_seed: str, now_s: int) -> bytes:
    """The reply that refuses the client. The server logs the reason and does not send it to the client."""
    return _response(request, {"error": reason}, issuer_seed, now_s)


def sign(claims: dict[str, Any], seed: str, now_s: int) -> str:
    """A JWT of `claims`, issued now by the nkey of `seed`; its id is the hash of the claims."""
    key = nkeys.from_seed(seed.encode())
    issued = {**claims, "iss": key.public_key.decode(), "iat": now_s}
    digest = hashlib.sha256(_json(issued)).digest()
    issued["jti"] = base64.b32encode(digest).decode().rstrip("=")
    signed = f"{_base64(_json(_HEADER))}.{_base64(_json(issued))}"
    return f"{signed}.{_base64(key.sign(signed.encode()))}"


def _only(subjects: Sequence[str]) -> dict[str, list[str]]:
    # An empty list of allowed subjects would allow them all.
    return {"allow": list(subjects)} if subjects else {"deny": [">"]}


def _response(request: AuthorizationRequest, outcome: dict[str, str], seed: str, now_s: int) -> bytes:
    claims = {
        "sub": request.user_nkey,
        "aud": request.server_id,
        "nats": {**outcome, "type": "authorization_response", "version": _VERSION},
    }
    return sign(claims, seed, now_s).encode()


def _verified_claims(token: bytes) -> dict[str, Any]:
    try:
        signed, signature = token.rsplit(b".", 1)
        claims: dict[str, Any] = json.loads(_unbase64(signed.split(b".")[1]))
        _verify_key(claims["iss"]).verify(signed, _unbase64(signature))
    except (ValueError, TypeError, KeyError, IndexError, CryptoError) as error:
        raise NotARequest("not a signed token") from error
    return claims


def _verify_key(public_nkey: str) -> VerifyKey:
    # An nkey is a prefix byte, the 32 bytes of the key and a two-byte checksum, in base32.
    return VerifyKey(base64.b32decode(public_nkey)[1:-2])


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _unbase64(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
