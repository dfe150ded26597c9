"""Accounts: terms, sign-up, email verification."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from common.contract.errors import Problem
from gateway.accounts import service
from gateway.dependencies import Injected
from gateway.domain import terms
from gateway.domain.accounts import User
from gateway.http.authentication import SignedIn, refuse_cross_site
from gateway.http.fields import EmailAddress, Name, NewPassword
from gateway.http.parameters import IdempotencyKey
from gateway.http.validation import RequestModel

router = APIRouter(tags=["accounts"])


class Terms(BaseModel):
    """The current terms of use."""

    version: str
    text: str


class Registration(RequestModel):
    """The sign-up form."""

    name: Name
    email: EmailAddress
    password: NewPassword
    password_again: str = Field(max_length=200)
    accepted_terms: str = Field(description="The accepted version of the terms.")


class Person(BaseModel):
    """A person with an account."""

    id: str
    name: str
    email: str
    superuser: bool = False


class Registered(Person):
    """A new account."""

    verified: bool
    message: str


class VerificationRequest(RequestModel):
    """The address that needs another verification email."""

    email: EmailAddress


class Message(BaseModel):
    """A message for the user."""

    message: str


class Verified(BaseModel):
    """The result of opening a verification link."""

    status: Literal["verified", "already"]
    message: str


@router.get("/terms")
async def read_terms() -> Terms:
    """Get the terms of use, which must be accepted to sign up."""
    return Terms(version=terms.VERSION, text=terms.TEXT)


@router.post("/accounts", status_code=201)
async def sign_up(
    form: Registration, request: Request, dependencies: Injected, key: IdempotencyKey = None
) -> Registered:
    """Create an account and send an email with a verification link. If the email cannot be sent, no account is
    created."""
    refuse_cross_site(request, dependencies)
    user = await service.sign_up(service.SignUp(**form.model_dump()), key, dependencies)
    return Registered(
        **_person(user).model_dump(),
        verified=user.verified,
        message="We sent you an email. Click the button in it to verify your address. "
        "If it does not arrive within a few minutes, check your spam folder.",
    )


@router.post("/accounts/verification", status_code=202)
async def send_again(form: VerificationRequest, dependencies: Injected) -> Message:
    """Send the verification email again. The response does not reveal whether the account exists."""
    await service.send_again(form.email, dependencies)
    return Message(message="If this address needs to be verified, a new email is on its way. Check your spam folder.")


_MESSAGES = {
    "verified": "Your email address is verified. You can sign in now.",
    "already": "Your email address is already verified. You can sign in.",
}


@router.get("/accounts/verify", response_model=Verified)
async def verify(
    request: Request, dependencies: Injected, token: Annotated[str, Query(max_length=200)]
) -> Response | Verified:
    """Open a verification link. Browsers are redirected to a page; programs get JSON."""
    status = await dependencies.accounts.verify(token, dependencies.clock())
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/verified?status={status}", 303)
    if status == "expired":
        raise Problem("verification_link_expired", support=dependencies.settings.support_address)
    return Verified(status=status, message=_MESSAGES[status])


@router.get("/me")
async def me(caller: SignedIn) -> Person:
    """Get your own account."""
    return _person(caller.user)


def _person(user: User) -> Person:
    return Person(id=user.id, name=user.name, email=user.email, superuser=user.superuser)
