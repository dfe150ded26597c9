"""Signing in and out with a browser."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from common.service.errors import Problem
from gateway.dependencies import Dependencies, Injected
from gateway.domain.credentials import normalized_email
from gateway.domain.people import User
from gateway.domain.sign_in_delay import wait_s
from gateway.http.access import refuse_cross_site, session_cookie

router = APIRouter(tags=["people"])


class TooManyAttempts(Problem):
    """Too many attempts: when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(429, "Too many attempts", f"Please wait {seconds} s and try again.")
        self.retry_after_s = seconds


class Credentials(BaseModel):
    """E-mail and password; the name is no login."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=200)


@router.post("/session", status_code=204)
async def sign_in(form: Credentials, request: Request, dependencies: Injected) -> Response:
    """Sign in; the answer sets a cookie that pages cannot read."""
    refuse_cross_site(request, dependencies)
    place = f"{normalized_email(form.email)} {request.client.host if request.client else ''}"
    await _count_attempt(place, dependencies)
    user = await _check(form, dependencies)
    await dependencies.attempts.forget(place)
    if not user.verified:
        raise Problem(
            403,
            "E-mail not verified",
            "Please verify your e-mail first: press the button in the mail we sent you. Look in the spam folder, too. "
            f"Questions? {dependencies.settings.support_address}",
        )
    return await _with_cookie(user, dependencies)


async def _count_attempt(place: str, dependencies: Dependencies) -> None:
    """Every attempt counts as failed until it succeeds, so that many at once gain nothing."""
    now = dependencies.clock()
    failures, until = await dependencies.attempts.failures(place, now)
    if until is not None and until > now:
        raise TooManyAttempts(int((until - now).total_seconds()) + 1)
    if not await dependencies.attempts.count(place, failures, now, timedelta(seconds=wait_s(failures + 1))):
        raise TooManyAttempts(1)


async def _check(form: Credentials, dependencies: Dependencies) -> User:
    found = await dependencies.accounts.find_by_email(form.email)
    if not await dependencies.passwords.matches(form.password, found[1] if found else None) or found is None:
        raise Problem(401, "Wrong e-mail or password", "There is no account with this e-mail and password.")
    return found[0]


async def _with_cookie(user: User, dependencies: Dependencies) -> Response:
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        session_cookie(dependencies.settings),
        await dependencies.sessions.open(user.id, dependencies.clock()),
        max_age=int(dependencies.sessions.lasts.total_seconds()),
        path="/",
        secure=dependencies.settings.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.delete("/session", status_code=204)
async def sign_out(request: Request, dependencies: Injected) -> Response:
    """Sign out; twice is fine."""
    refuse_cross_site(request, dependencies)
    cookie = session_cookie(dependencies.settings)
    if secret := request.cookies.get(cookie):
        await dependencies.sessions.close(secret)
        dependencies.callers.forget(f"cookie {secret}")
    answer = Response(status_code=204)
    answer.delete_cookie(cookie, path="/", secure=dependencies.settings.is_secure, httponly=True, samesite="lax")
    return answer
