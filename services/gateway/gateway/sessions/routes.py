"""Signing in and out with a browser."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from common.service.errors import Problem
from gateway.dependencies import Parts, With
from gateway.domain.credentials import same_address
from gateway.domain.people import User
from gateway.domain.sign_in_delay import wait_s
from gateway.http.access import refuse_elsewhere, session_cookie

router = APIRouter(tags=["people"])


class TooMany(Problem):
    """Too many attempts: when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(429, "Too many attempts", f"Please wait {seconds} s and try again.")
        self.retry_after_s = seconds


class Credentials(BaseModel):
    """E-mail and password; the name is no login."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=200)


@router.post("/session", status_code=204)
async def sign_in(form: Credentials, request: Request, parts: With) -> Response:
    """Sign in; the answer sets a cookie that pages cannot read."""
    refuse_elsewhere(request, parts)
    place = f"{same_address(form.email)} {request.client.host if request.client else ''}"
    await _count_attempt(place, parts)
    user = await _check(form, parts)
    await parts.attempts.forget(place)
    if not user.verified:
        raise Problem(
            403,
            "E-mail not verified",
            "Please verify your e-mail first: press the button in the mail we sent you. Look in the spam folder, too. "
            f"Questions? {parts.settings.support_address}",
        )
    return await _with_cookie(user, parts)


async def _count_attempt(place: str, parts: Parts) -> None:
    """Every attempt counts as failed until it succeeds, so that many at once gain nothing."""
    now = parts.clock()
    failures, until = await parts.attempts.failures(place, now)
    if until is not None and until > now:
        raise TooMany(int((until - now).total_seconds()) + 1)
    if not await parts.attempts.count(place, failures, now, timedelta(seconds=wait_s(failures + 1))):
        raise TooMany(1)


async def _check(form: Credentials, parts: Parts) -> User:
    found = await parts.accounts.find_by_email(form.email)
    if not await parts.passwords.matches(form.password, found[1] if found else None) or found is None:
        raise Problem(401, "Wrong e-mail or password", "There is no account with this e-mail and password.")
    return found[0]


async def _with_cookie(user: User, parts: Parts) -> Response:
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        session_cookie(parts.settings),
        await parts.sessions.open(user.id, parts.clock()),
        max_age=int(parts.sessions.lasts.total_seconds()),
        path="/",
        secure=parts.settings.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.delete("/session", status_code=204)
async def sign_out(request: Request, parts: With) -> Response:
    """Sign out; twice is fine."""
    refuse_elsewhere(request, parts)
    cookie = session_cookie(parts.settings)
    if secret := request.cookies.get(cookie):
        await parts.sessions.close(secret)
        parts.callers.forget(f"cookie {secret}")
    answer = Response(status_code=204)
    answer.delete_cookie(cookie, path="/", secure=parts.settings.is_secure, httponly=True, samesite="lax")
    return answer
