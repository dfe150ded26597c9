"""Sessions of browsers."""

from fastapi import APIRouter, Request, Response
from pydantic import Field

from gateway.dependencies import Injected
from gateway.http.authentication import refuse_cross_site, session_cookie, session_key
from gateway.http.validation import RequestModel
from gateway.sessions import service

router = APIRouter(tags=["accounts"])


class Credentials(RequestModel):
    """Email and password."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=200)


@router.post("/session", status_code=204)
async def sign_in(form: Credentials, request: Request, dependencies: Injected) -> Response:
    """Sign in. The response sets a cookie that scripts cannot read."""
    refuse_cross_site(request, dependencies)
    client = request.client.host if request.client else ""
    secret = await service.sign_in(form.email, form.password, client, dependencies)
    response = Response(status_code=204, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        session_cookie(dependencies.settings),
        secret,
        max_age=int(dependencies.sessions.lifetime.total_seconds()),
        path="/",
        secure=dependencies.settings.is_secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.delete("/session", status_code=204)
async def sign_out(request: Request, dependencies: Injected) -> Response:
    """Sign out. Idempotent."""
    refuse_cross_site(request, dependencies)
    cookie = session_cookie(dependencies.settings)
    if secret := request.cookies.get(cookie):
        await dependencies.sessions.close(secret)
        dependencies.callers.forget(session_key(secret))
    response = Response(status_code=204)
    response.delete_cookie(cookie, path="/", secure=dependencies.settings.is_secure, httponly=True, samesite="lax")
    return response
