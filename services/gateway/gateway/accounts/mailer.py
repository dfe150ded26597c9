"""The way out for mail: an SMTP server, or files where there is none."""

import asyncio
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from common.service.ids import new_id

TIMEOUT_S = 15


class MailFailed(Exception):
    """The mail could not be handed over."""


class Mailer:
    """Sends by `smtp://user:password@host:port` (STARTTLS where offered) or `smtps://…`; without it, each mail
    becomes a file in `folder`."""

    def __init__(self, smtp_url: str | None, folder: Path) -> None:
        self._smtp_url = smtp_url
        self._folder = folder

    async def send(self, letter: EmailMessage) -> None:
        """Hand a mail over.

        Raises:
            MailFailed: it could not be, and why.
        """
        try:
            if self._smtp_url:
                await self._send(letter, self._smtp_url)
            else:
                await asyncio.to_thread(self._write, letter)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailFailed(str(error) or repr(error)) from error

    async def _send(self, letter: EmailMessage, url: str) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "smtps"
        await aiosmtplib.send(
            letter,
            hostname=parts.hostname,
            port=parts.port or (465 if secure else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=secure,
            timeout=TIMEOUT_S,
        )

    def _write(self, letter: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self._folder / f"{new_id()}.eml").write_bytes(letter.as_bytes())
