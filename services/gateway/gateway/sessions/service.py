"""Signing in and out."""

from datetime import timedelta

from common.contract.errors import Problem
from gateway.dependencies import Dependencies
from gateway.domain.accounts import User
from gateway.domain.credentials import normalized_email
from gateway.domain.sign_in_delay import delay_s


async def sign_in(email: str, password: str, client: str, dependencies: Dependencies) -> str:
    """A new session of the user with this email and password; returns the secret of its cookie. Raises Problem."""
    key = f"{normalized_email(email)} {client}"
    await _count_attempt(key, dependencies)
    user = await _check_credentials(email, password, dependencies)
    await dependencies.sign_in_attempts.reset(key)
    if not user.verified:
        raise Problem("email_not_verified", support=dependencies.settings.support_address)
    return await dependencies.sessions.open(user.id, dependencies.clock())


async def _count_attempt(key: str, dependencies: Dependencies) -> None:
    """Every attempt counts as failed until it succeeds, so that concurrent attempts gain nothing."""
    now = dependencies.clock()
    failures, until = await dependencies.sign_in_attempts.failures(key, now)
    if until is not None and until > now:
        raise Problem("too_many_attempts", seconds=int((until - now).total_seconds()) + 1)
    if not await dependencies.sign_in_attempts.count(key, failures, now, timedelta(seconds=delay_s(failures + 1))):
        raise Problem("too_many_attempts", seconds=1)


async def _check_credentials(email: str, password: str, dependencies: Dependencies) -> User:
    account = await dependencies.accounts.find_by_email(email)
    if not await dependencies.passwords.matches(password, account[1] if account else None) or account is None:
        raise Problem("wrong_credentials")
    return account[0]
