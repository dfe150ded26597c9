"""Sends email by SMTP, or writes it to files where no SMTP server is configured."""

import asyncio
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from common.service.ids import new_id

TIMEOUT_S = 15


class MailFailed(Exception):
    """An email could not be sent."""


class Mailer:
    """Sends by `smtp://user:password@host:port` (STARTTLS where offered) or `smtps://…`; without a URL, each email
    becomes a file in `folder`."""

    def __init__(self, smtp_url: str | None, folder: Path) -> None:
        self._smtp_url = smtp_url
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Send an email.

        Raises:
            MailFailed: the server refused it or cannot be reached.
        """
        try:
            if self._smtp_url:
                await self._send(message, self._smtp_url)
            else:
                await asyncio.to_thread(self._write, message)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailFailed(str(error) or repr(error)) from error

    async def _send(self, message: EmailMessage, url: str) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "smtps"
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port or (465 if secure else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=secure,
            timeout=TIMEOUT_S,
        )

    def _write(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self._folder / f"{new_id()}.eml").write_bytes(message.as_bytes())
