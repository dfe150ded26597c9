"""Bearer tokens for programs."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from common.contract.errors import Problem
from gateway.dependencies import Injected
from gateway.domain.accounts import Caller, Token
from gateway.http.authentication import SignedIn
from gateway.http.fields import Name
from gateway.http.parameters import PageQuery
from gateway.http.responses import Page
from gateway.http.validation import RequestModel

router = APIRouter(tags=["accounts"])


class NewToken(RequestModel):
    """A token to create. Without `expires_in_days` it never expires."""

    name: Name
    expires_in_days: int | None = Field(default=None, ge=1, le=3650)


class TokenJson(BaseModel):
    """A token without its secret."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None


class ShownToken(TokenJson):
    """A new token; `token` is shown only once."""

    token: str


@router.post("/tokens", status_code=201)
async def create_token(new: NewToken, caller: SignedIn, dependencies: Injected) -> ShownToken:
    """Create a token. A token created with another token expires no later than that one."""
    now = dependencies.clock()
    expires_at = now + timedelta(days=new.expires_in_days) if new.expires_in_days else None
    token, secret = await dependencies.tokens.add(caller.user.id, new.name, now, _not_after_caller(expires_at, caller))
    return ShownToken(**_json(token).model_dump(), token=secret)


def _not_after_caller(expires_at: datetime | None, caller: Caller) -> datetime | None:
    if caller.by == "session" or caller.expires_at is None:
        return expires_at
    return min(expires_at or caller.expires_at, caller.expires_at)


@router.get("/tokens")
async def list_tokens(caller: SignedIn, dependencies: Injected, page: PageQuery) -> Page[TokenJson]:
    """List your tokens, newest first."""
    tokens = await dependencies.tokens.page(caller.user.id, page)
    return Page(items=[_json(token) for token in tokens.items], next_cursor=tokens.next_cursor)


@router.delete("/tokens/{token}", status_code=204)
async def delete_token(token: str, caller: SignedIn, dependencies: Injected) -> Response:
    """Delete a token; it stops working immediately."""
    if not await dependencies.tokens.remove(caller.user.id, token):
        raise Problem("token_not_found")
    dependencies.callers.clear()
    return Response(status_code=204)


def _json(token: Token) -> TokenJson:
    return TokenJson(id=token.id, name=token.name, created_at=token.created_at, expires_at=token.expires_at)
