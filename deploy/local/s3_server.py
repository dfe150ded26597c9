"""The embedded S3 server: SeaweedFS in one process, one identity, one bucket."""

import asyncio
import json
import sys
from pathlib import Path

from minio import Minio

from deploy.local.child import Program
from deploy.local.credentials import Credentials, write_private
from deploy.local.ports import Ports
from deploy.local.probe import listens

BUCKET = "tracklane"


class S3Server:
    """The SeaweedFS server in `home` on `ports`."""

    name = "s3"

    def __init__(self, home: Path, ports: Ports, credentials: Credentials) -> None:
        self._home = home / "s3"
        self._first_port = ports.s3
        self.ports = list(ports.of_s3())
        self.credentials = credentials

    def prepare(self) -> Program:
        """Write the identity; returns the program to run."""
        (self._home / "data").mkdir(parents=True, exist_ok=True)
        write_private(self._home / "s3.json", json.dumps(self._identities(), indent=2))
        return Program(self.name, self._command(), {"GOMEMLIMIT": "400MiB"}, ready=self._is_ready, stops_within_s=10)

    @property
    def url(self) -> str:
        """The endpoint with keys and bucket, in the form of the setting of all services."""
        keys = f"{self.credentials.s3_access_key}:{self.credentials.s3_secret_key}"
        return f"http://{keys}@127.0.0.1:{self._first_port}/{BUCKET}"

    def _command(self) -> list[str]:
        s3, master, volume, filer, metrics = range(self._first_port, self._first_port + 5)
        options = {
            "dir": self._home / "data",
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "s3.port": s3,
            "master.port": master,
            "volume.port": volume,
            "filer.port": filer,
            "metricsPort": metrics,
            "metricsIp": "127.0.0.1",
            "s3.config": self._home / "s3.json",
            "bucket": BUCKET,
            "admin.ui": "false",
            "webdav": "false",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "master.telemetry": "false",
            # Abstract sockets (@name) are removed with their process and have no limit of the path's length.
            "filer.localSocket": f"@tracklane-filer-{filer}",
            "s3.localSocket": f"@tracklane-s3-{s3}",
        }
        weed = str(Path(sys.executable).with_name("weed"))
        return [weed, "-logtostderr=true", "mini", *(f"-{name}={value}" for name, value in options.items())]

    def _identities(self) -> dict[str, object]:
        keys = {"accessKey": self.credentials.s3_access_key, "secretKey": self.credentials.s3_secret_key}
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        return {"identities": [{"name": "tracklane", "credentials": [keys], "actions": actions}]}

    async def _is_ready(self) -> bool:
        await listens(self._first_port)
        return await asyncio.to_thread(self._bucket_exists)

    def _bucket_exists(self) -> bool:
        client = Minio(
            f"127.0.0.1:{self._first_port}",
            access_key=self.credentials.s3_access_key,
            secret_key=self.credentials.s3_secret_key,
            secure=False,
        )
        return client.bucket_exists(BUCKET)
