"""Bearer tokens for programs."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from common.service.errors import not_found
from gateway.dependencies import Injected
from gateway.domain.people import Caller, Token
from gateway.http.access import SignedIn
from gateway.http.fields import Name
from gateway.http.responses import Cursor, Limit, Page

router = APIRouter(tags=["people"])


class NewToken(BaseModel):
    """What a token is for, and how long it lasts (for ever if not said)."""

    name: Name
    expires_in_days: int | None = Field(default=None, ge=1, le=3650)


class TokenJson(BaseModel):
    """A token without its secret."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None


class ShownToken(TokenJson):
    """A new token; `token` is shown this once."""

    token: str


@router.post("/tokens", status_code=201)
async def make_token(new: NewToken, caller: SignedIn, dependencies: Injected) -> ShownToken:
    """Make a token. One that is made with another token ends no later than that one."""
    now = dependencies.clock()
    expires_at = now + timedelta(days=new.expires_in_days) if new.expires_in_days else None
    token, secret = await dependencies.tokens.add(caller.user.id, new.name, now, _no_later(expires_at, caller))
    return ShownToken(**_json(token).model_dump(), token=secret)


def _no_later(expires_at: datetime | None, caller: Caller) -> datetime | None:
    if caller.by == "session" or caller.expires_at is None:
        return expires_at
    return min(expires_at or caller.expires_at, caller.expires_at)


@router.get("/tokens")
async def list_tokens(
    caller: SignedIn, dependencies: Injected, limit: Limit = 100, cursor: Cursor = None
) -> Page[TokenJson]:
    """My tokens, newest first."""
    found = await dependencies.tokens.page(caller.user.id, limit, cursor)
    return Page(items=[_json(token) for token in found], next_cursor=found[-1].id if len(found) == limit else None)


@router.delete("/tokens/{token}", status_code=204)
async def remove_token(token: str, caller: SignedIn, dependencies: Injected) -> Response:
    """Delete a token; it stops working at once."""
    if not await dependencies.tokens.remove(caller.user.id, token):
        raise not_found("token")
    dependencies.callers.forget_all()
    return Response(status_code=204)


def _json(token: Token) -> TokenJson:
    return TokenJson(id=token.id, name=token.name, created_at=token.created_at, expires_at=token.expires_at)
