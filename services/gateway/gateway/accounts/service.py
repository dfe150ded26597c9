"""Signing up and verifying the email address."""

from dataclasses import dataclass

import structlog

from common.contract.errors import FieldError, Problem, reason_for
from common.service.ids import new_id, stable_id
from gateway.accounts.mailer import MailFailed
from gateway.accounts.repository import LINK_LIFETIME, EmailTaken, NewUser
from gateway.dependencies import Dependencies
from gateway.domain import terms
from gateway.domain.accounts import User
from gateway.domain.credentials import normalized_email
from gateway.domain.email_templates import verification_email

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SignUp:
    """A filled-in sign-up form."""

    name: str
    email: str
    password: str
    password_again: str
    accepted_terms: str


async def sign_up(form: SignUp, key: str | None, dependencies: Dependencies) -> User:
    """A new account, whose owner got an email with a verification link. Without the email, no account. Raises
    Problem."""
    _check(form)
    user = await _add(form, key, dependencies)
    if not user.verified:
        await _send_link(user, dependencies, signing_up=True)
    return user


def _check(form: SignUp) -> None:
    errors = []
    if form.password != form.password_again:
        errors.append(FieldError("password_again", reason_for("passwords_differ")))
    if form.accepted_terms != terms.VERSION:
        errors.append(FieldError("accepted_terms", reason_for("terms_not_accepted", version=terms.VERSION)))
    if errors:
        raise Problem.of_fields(errors)


async def _add(form: SignUp, key: str | None, dependencies: Dependencies) -> User:
    new = NewUser(form.name, form.email, await dependencies.passwords.hash(form.password), terms.VERSION)
    user_id = stable_id("account", normalized_email(form.email), key) if key else new_id("u")
    try:
        return await dependencies.accounts.add(new, dependencies.clock(), user_id=user_id)
    except EmailTaken as error:
        raise Problem.of_field("email", "email_taken") from error


async def send_again(email: str, dependencies: Dependencies) -> None:
    """Send another verification email, if there is an account that needs one. Raises Problem."""
    account = await dependencies.accounts.find_by_email(email)
    if account and not account[0].verified:
        await _send_link(account[0], dependencies, signing_up=False)


async def _send_link(user: User, dependencies: Dependencies, *, signing_up: bool) -> None:
    settings, accounts, now = dependencies.settings, dependencies.accounts, dependencies.clock()
    if not await accounts.claim_email(user.id, now):
        return
    link = f"{settings.origin}/api/v1/accounts/verify?token={await accounts.new_link(user.id, now)}"
    hours = int(LINK_LIFETIME.total_seconds() // 3600)
    message = verification_email(
        user.name, user.email, settings.mail_from, link, hours=hours, support=settings.support_address
    )
    try:
        await dependencies.mailer.send(message)
    except MailFailed as error:
        log.error("sending an email failed", error=str(error))
        await (accounts.remove_unverified if signing_up else accounts.release_email)(user.id)
        code = "sign_up_email_failed" if signing_up else "verification_email_failed"
        raise Problem(code, support=settings.support_address) from error
