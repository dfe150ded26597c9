"""The user behind a request: by session cookie or bearer token."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from common.contract.errors import Problem
from gateway.dependencies import Dependencies, Injected
from gateway.domain.accounts import Caller, User
from gateway.domain.request_origin import SAFE_METHODS, is_cross_site
from gateway.settings import GatewaySettings


def session_cookie(settings: GatewaySettings) -> str:
    """The cookie's name; over HTTPS, with the prefix that binds it to this host."""
    return "__Host-tracklane" if settings.is_secure else "tracklane"


def session_key(secret: str) -> str:
    """The key of a session in the cache of callers."""
    return f"cookie {secret}"


async def authenticate(connection: HTTPConnection, dependencies: Injected) -> Caller:
    """The caller, by bearer token or session cookie. Raises Problem."""
    if authorization := connection.headers.get("authorization"):
        return await _by_token(authorization, dependencies)
    secret = connection.cookies.get(session_cookie(dependencies.settings))
    if not secret:
        raise Problem("not_signed_in")
    if connection.scope.get("method", "CONNECT") not in SAFE_METHODS:
        refuse_cross_site(connection, dependencies)
    caller = await dependencies.callers.get(session_key(secret), lambda: _find_by_session(secret, dependencies))
    if caller is None:
        raise Problem("session_expired")
    return caller


async def _find_by_session(secret: str, dependencies: Dependencies) -> Caller | None:
    session = await dependencies.sessions.find(secret, dependencies.clock())
    user = await dependencies.accounts.find(session.user_id) if session else None
    return Caller(user, "session", session.expires_at) if session and user else None


async def _by_token(authorization: str, dependencies: Dependencies) -> Caller:
    scheme, _, secret = authorization.partition(" ")
    caller = await dependencies.callers.get(f"bearer {secret}", lambda: _find_by_token(secret.strip(), dependencies))
    if scheme.lower() != "bearer" or caller is None:
        raise Problem("invalid_token")
    return caller


async def _find_by_token(secret: str, dependencies: Dependencies) -> Caller | None:
    match = await dependencies.tokens.find(secret, dependencies.clock())
    user = await dependencies.accounts.find(match[0]) if match else None
    return Caller(user, "token", match[1].expires_at) if match and user else None


def refuse_cross_site(connection: HTTPConnection, dependencies: Dependencies) -> None:
    """Refuse requests that another site's page sends with our cookie. Raises Problem."""
    if is_cross_site(connection.headers, dependencies.settings.origin):
        raise Problem("cross_site_request")


SignedIn = Annotated[Caller, Depends(authenticate)]


async def _superuser(caller: SignedIn) -> User:
    if not caller.user.superuser:
        raise Problem("superuser_required")
    return caller.user


Superuser = Annotated[User, Depends(_superuser)]
