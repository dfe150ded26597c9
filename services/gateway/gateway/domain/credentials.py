"""Email addresses and secrets, in the form in which they are compared."""

import hashlib
import secrets

MIN_PASSWORD_LENGTH = 8


def normalized_email(email: str) -> str:
    """The form in which an email address is unique; upper and lower case are the same address."""
    return email.strip().casefold()


def new_secret(prefix: str = "") -> str:
    """A secret with 256 random bits, safe in a URL."""
    return prefix + secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """The SHA-256 of a random secret, which is stored instead of it. (Passwords are not random: they get argon2.)"""
    return hashlib.sha256(secret.encode()).hexdigest()
