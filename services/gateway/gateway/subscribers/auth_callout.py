"""Authenticates subscribers for the NATS server, which asks about every user that it does not know."""

import asyncio
import time
from typing import Any

import nkeys
import structlog

from common.messaging.bus import Bus
from gateway.settings import GatewaySettings
from gateway.subscribers.jwt import (
    REQUEST_SUBJECT,
    AuthorizationRequest,
    NotARequest,
    Permissions,
    admit,
    read_request,
    refuse,
)
from gateway.subscribers.permissions import ACCOUNT, SubscriberAccess
from gateway.subscribers.repository import Subscribers

log = structlog.get_logger()
# The server ends a connection by then; a client whose subscriber still exists is admitted again.
ADMITTED_FOR_S = 3600


class AuthCallout:
    """The request handler of the NATS server's authorization requests."""

    def __init__(self, bus: Bus, subscribers: Subscribers, settings: GatewaySettings) -> None:
        self._bus = bus
        self._subscribers = subscribers
        self._seed = settings.nats_issuer_seed

    async def run(self) -> None:
        """Reply until cancelled; returns at once without an issuer's seed."""
        if not self._seed:
            return
        subscription = await self._bus.connection.subscribe(REQUEST_SUBJECT, queue=self._bus.name, cb=self._reply)
        try:
            await asyncio.Event().wait()
        finally:
            await subscription.unsubscribe()

    async def _reply(self, message: Any) -> None:
        seed = self._seed or ""
        try:
            request = read_request(message.data, nkeys.from_seed(seed.encode()).public_key.decode())
        except NotARequest as error:
            log.warning("not an authorization request", error=str(error))
            return
        await message.respond(await self._decide(request, seed))

    async def _decide(self, request: AuthorizationRequest, seed: str) -> bytes:
        now_s = int(time.time())
        subscriber = await self._subscribers.authenticate(request.user, request.password)
        if subscriber is None:
            log.warning("subscriber refused", user=request.user[:80], host=request.host)
            return refuse(request, "unknown subscriber or wrong password", issuer_seed=seed, now_s=now_s)
        access = SubscriberAccess.of(subscriber.id, subscriber.project_id)
        log.info("subscriber admitted", user=subscriber.id, host=request.host)
        return admit(
            request,
            Permissions(publish=access.publish, subscribe=access.subscribe),
            account=ACCOUNT,
            issuer_seed=seed,
            now_s=now_s,
            expires_s=now_s + ADMITTED_FOR_S,
        )
