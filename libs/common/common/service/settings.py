"""Settings common to all services. Each service adds its own in a subclass."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from `TRACKLANE_*` variables. Each server is configured by a URL."""

    model_config = SettingsConfigDict(env_prefix="TRACKLANE_", extra="ignore")

    nats_url: str = "nats://127.0.0.1:4222"
    mongo_url: str = "mongodb://127.0.0.1:27017/tracklane"
    s3_url: str = "http://access:secret@127.0.0.1:8333/tracklane"
    home: Path = Path(".tracklane")
    log_level: str = "INFO"
    log_json: bool = True

    @property
    def database(self) -> str:
        """The service's database: the path of the MongoDB URL."""
        return urlsplit(self.mongo_url).path.strip("/") or "tracklane"
