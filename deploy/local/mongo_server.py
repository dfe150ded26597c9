"""The embedded MongoDB server: a one-node replica set, each service the owner of one database."""

from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from common.contract.services import SERVICES
from deploy.local.child import Program
from deploy.local.credentials import Credentials, write_private
from deploy.local.mongod import find_mongod
from deploy.local.ports import Ports
from deploy.local.probe import listens

REPLICA_SET = "rs0"
_NOT_YET_INITIALIZED = 94
_AUTHENTICATION_FAILED = 18
Client = AsyncMongoClient[dict[str, Any]]


class MongoServer:
    """The mongod server in `home` on `ports`."""

    name = "mongo"

    def __init__(self, home: Path, ports: Ports, credentials: Credentials) -> None:
        self._home = home / "mongo"
        self._port = ports.mongo
        self.ports = list(ports.of_mongo())
        self.credentials = credentials

    def prepare(self) -> Program:
        """Write the key file; returns the program to run."""
        data = self._home / "data"
        data.mkdir(parents=True, exist_ok=True)
        write_private(self._home / "keyfile", self.credentials.mongo_keyfile)
        options = {
            "dbpath": data,
            "port": self._port,
            "bind_ip": "127.0.0.1",
            "replSet": REPLICA_SET,
            "keyFile": self._home / "keyfile",
            "oplogSize": 512,
            "wiredTigerCacheSizeGB": 0.5,
            # 6.0.5 predates the fix of a flaw in message decompression.
            "networkMessageCompressors": "disabled",
        }
        mongod, variables = find_mongod(self._home)
        command = [str(mongod), *(f"--{name}={value}" for name, value in options.items())]
        command += ["--nounixsocket", "--quiet", "--setParameter", "diagnosticDataCollectionEnabled=false"]
        return Program(self.name, command, variables, ready=self._is_ready, stops_within_s=10)

    def url(self, user: str) -> str:
        """The URL of the database that a service owns; `admin` owns the server."""
        password = self.credentials.password(user)
        # No directConnection: it would also connect to a node that is still recovering, and the driver then refuses
        # transactions on that pooled connection for good.
        return f"mongodb://{user}:{password}@{self._host}/{user}?replicaSet={REPLICA_SET}&authSource={user}"

    async def _is_ready(self) -> bool:
        """Whether the services can log in; creates the replica set and the users if they are missing."""
        await listens(self._port)
        async with _client(self._setup_url(f"admin:{self.credentials.password('admin')}@")) as client:
            try:
                await self._ensure_replica_set(client)
            except OperationFailure as error:
                if error.code != _AUTHENTICATION_FAILED:
                    raise
                await self._first_start()
                await self._ensure_replica_set(client)
            if not (await client.admin.command("hello"))["isWritablePrimary"]:
                return False
            for service in SERVICES:
                await self._ensure_user(client, service)
        return True

    async def _first_start(self) -> None:
        """Until a user exists, a local connection may initiate the set and create the administrator."""
        async with _client(self._setup_url()) as client:
            try:
                await client.admin.command("replSetGetStatus")
            except OperationFailure as error:
                if error.code != _NOT_YET_INITIALIZED:
                    raise
                await client.admin.command("replSetInitiate", self._replica_set())
            await client.admin.command("createUser", "admin", pwd=self.credentials.password("admin"), roles=["root"])

    async def _ensure_replica_set(self, client: Client) -> None:
        """Store a changed port: with the old one in its configuration, the node would not serve."""
        config = (await client.admin.command("replSetGetConfig"))["config"]
        if config["members"][0]["host"] != self._host:
            config |= {"members": self._replica_set()["members"], "version": config["version"] + 1}
            await client.admin.command("replSetReconfig", config, force=True)

    async def _ensure_user(self, client: Client, service: str) -> None:
        database = client[service]
        if not (await database.command("usersInfo", service))["users"]:
            roles = ["readWrite", "dbAdmin"]
            await database.command("createUser", service, pwd=self.credentials.password(service), roles=roles)

    def _replica_set(self) -> dict[str, Any]:
        return {"_id": REPLICA_SET, "members": [{"_id": 0, "host": self._host}]}

    def _setup_url(self, login: str = "") -> str:
        # Without replicaSet=: a node without a set refuses clients that request one.
        return f"mongodb://{login}{self._host}/?directConnection=true"

    @property
    def _host(self) -> str:
        return f"127.0.0.1:{self._port}"


def _client(url: str) -> Client:
    return AsyncMongoClient(url, serverSelectionTimeoutMS=1000, connectTimeoutMS=1000)
