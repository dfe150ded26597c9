"""Signing up: terms, account, the mail with the link, the link."""

from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from common.service.errors import FieldError, Problem
from common.service.ids import new_id, same_id
from gateway.accounts.mailer import MailFailed
from gateway.accounts.repository import LINK_LASTS, AddressTaken, NewUser
from gateway.dependencies import Dependencies, Injected
from gateway.domain import terms
from gateway.domain.credentials import normalized_email
from gateway.domain.email_templates import verification_email
from gateway.domain.people import User
from gateway.http.access import IdempotencyKey, SignedIn, refuse_cross_site
from gateway.http.fields import Address, Name, NewPassword

router = APIRouter(tags=["people"])
log = structlog.get_logger()


class Terms(BaseModel):
    """The terms of use as they are now."""

    version: str
    text: str


class Registration(BaseModel):
    """What a person fills in to sign up."""

    name: Name
    email: Address
    password: NewPassword
    password_again: str = Field(max_length=200)
    accepted_terms: str = Field(description="The version of the terms that was agreed to.")


class Person(BaseModel):
    """A person with an account."""

    id: str
    name: str
    email: str
    superuser: bool = False


class Registered(Person):
    """What signing up leads to."""

    verified: bool
    message: str


class AddressOnly(BaseModel):
    """Whom a new mail is for."""

    email: Address


class Told(BaseModel):
    """A sentence for the person."""

    message: str


class Verified(BaseModel):
    """What opening the link did."""

    status: Literal["verified", "already"]
    message: str


@router.get("/terms")
async def read_terms() -> Terms:
    """The terms that have to be agreed to before signing up."""
    return Terms(version=terms.VERSION, text=terms.TEXT)


@router.post("/accounts", status_code=201)
async def sign_up(
    form: Registration, request: Request, dependencies: Injected, key: IdempotencyKey = None
) -> Registered:
    """Make an account and send the mail that verifies its address. No mail, no account."""
    refuse_cross_site(request, dependencies)
    _check(form)
    user = await _add(form, key, dependencies)
    if not user.verified:
        await _send_link(user, dependencies, or_else_remove=True)
    return Registered(
        **_person(user).model_dump(),
        verified=user.verified,
        message="We have sent you a mail. Press the button in it to verify your e-mail address. "
        "If it does not come within a few minutes, look in the spam folder.",
    )


def _check(form: Registration) -> None:
    wrong = []
    if form.password != form.password_again:
        wrong.append(FieldError("password_again", "The two passwords are not the same."))
    if form.accepted_terms != terms.VERSION:
        wrong.append(FieldError("accepted_terms", f"Please agree to the terms of use, version {terms.VERSION}."))
    if wrong:
        raise Problem(422, "Invalid request", wrong[0].message, wrong)


async def _add(form: Registration, key: str | None, dependencies: Dependencies) -> User:
    new = NewUser(form.name, form.email, await dependencies.passwords.hash(form.password), terms.VERSION)
    user_id = same_id("account", normalized_email(form.email), key) if key else new_id("u")
    try:
        return await dependencies.accounts.add(new, dependencies.clock(), user_id=user_id)
    except AddressTaken as error:
        message = "There is an account with this e-mail address already. Sign in, or ask for a new link."
        raise Problem(409, "E-mail taken", message, [FieldError("email", message)]) from error


async def _send_link(user: User, dependencies: Dependencies, *, or_else_remove: bool) -> None:
    settings, now = dependencies.settings, dependencies.clock()
    if not await dependencies.accounts.may_mail(user.id, now):
        return
    link = f"{settings.origin}/api/v1/accounts/verify?token={await dependencies.accounts.new_link(user.id, now)}"
    hours = int(LINK_LASTS.total_seconds() // 3600)
    letter = verification_email(
        user.name, user.email, settings.mail_from, link, hours=hours, support=settings.support_address
    )
    try:
        await dependencies.post.send(letter)
    except MailFailed as error:
        log.error("mail failed", error=str(error))
        await (dependencies.accounts.remove_unverified if or_else_remove else dependencies.accounts.unmail)(user.id)
        done = "No account was made. " if or_else_remove else ""
        raise Problem(
            503,
            "Mail could not be sent",
            f"We could not send the mail to verify your address. {done}Please try again later, "
            f"or write to {settings.support_address}.",
        ) from error


@router.post("/accounts/verification", status_code=202)
async def send_again(form: AddressOnly, dependencies: Injected) -> Told:
    """Send the verification mail once more. The answer is the same whether or not there is such an account."""
    found = await dependencies.accounts.find_by_email(form.email)
    if found and not found[0].verified:
        await _send_link(found[0], dependencies, or_else_remove=False)
    return Told(message="If this address waits to be verified, a new mail is on its way. Look in the spam folder, too.")


_WORDS = {
    "verified": "Your e-mail address is verified. You can sign in now.",
    "already": "Your e-mail address was verified before. You can sign in.",
    "expired": "This link is not valid, or too old. Ask for a new mail on the sign-in page.",
}


@router.get("/accounts/verify", response_model=Verified)
async def verify(
    request: Request, dependencies: Injected, token: Annotated[str, Query(max_length=200)]
) -> Response | Verified:
    """Open the link of the mail: a browser goes on to a page that says what happened, a program gets JSON."""
    outcome = await dependencies.accounts.verify(token, dependencies.clock())
    if "text/html" in request.headers.get("accept", ""):
        return RedirectResponse(f"/verified?status={outcome}", 303)
    if outcome == "expired":
        raise Problem(410, "Link not valid", f"{_WORDS[outcome]} Questions? {dependencies.settings.support_address}")
    return Verified(status=outcome, message=_WORDS[outcome])


@router.get("/me")
async def me(caller: SignedIn) -> Person:
    """Who I am."""
    return _person(caller.user)


def _person(user: User) -> Person:
    return Person(id=user.id, name=user.name, email=user.email, superuser=user.superuser)
