"""The gateway's settings."""

from datetime import timedelta
from pathlib import Path

from common.service.settings import Settings

_UI_DIST = Path(__file__).resolve().parent.parent / "ui" / "dist"


class GatewaySettings(Settings):
    """Read from `TRACKLANE_*` variables."""

    public_url: str = "http://127.0.0.1:8080"
    ui_dir: Path = _UI_DIST
    smtp_url: str | None = None
    mail_from: str = "Tracklane <tracklane@localhost>"
    support_address: str = "support@localhost"
    session_days: int = 14
    nats_issuer_seed: str | None = None
    # The subscribers' NATS account, in which the gateway serves them events.
    nats_delivery_url: str | None = None
    # The address that subscribers are given; by default the gateway's own server, without the password.
    nats_public_url: str | None = None

    @property
    def origin(self) -> str:
        """The origin of the browser application."""
        return self.public_url.rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether browsers connect by HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def session_lifetime(self) -> timedelta:
        """The time for which an idle browser stays signed in."""
        return timedelta(days=self.session_days)
