"""Who asks, and whether they may: a project's things are reached only through a `Member`.

Another project's thing and a missing thing are the same 404.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.requests import HTTPConnection

from common.service.errors import Problem, not_found
from common.service.ids import is_id, new_id, same_id
from gateway.dependencies import Dependencies, Injected
from gateway.domain.people import Caller, Member, User
from gateway.domain.request_origin import SAFE_METHODS, is_cross_site
from gateway.domain.roles import Action, may
from gateway.http.ownership import Owner, OwnerLookup
from gateway.settings import GatewaySettings

IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="The same key again is the same request."),
]


def session_cookie(settings: GatewaySettings) -> str:
    """The cookie's name: over HTTPS one that browsers accept only from this very host."""
    return "__Host-tracklane" if settings.is_secure else "tracklane"


def resource_id(caller: Caller, route: str, key: str | None) -> str:
    """The id of what a creation makes: the same for the same caller, route and Idempotency-Key."""
    return same_id("made by", caller.user.id, route, key) if key else new_id()


async def authenticate(connection: HTTPConnection, dependencies: Injected) -> Caller:
    """The person behind a request, by bearer token or session cookie. Raises Problem 401."""
    if authorization := connection.headers.get("authorization"):
        return await _by_token(authorization, dependencies)
    secret = connection.cookies.get(session_cookie(dependencies.settings))
    if not secret:
        raise Problem(401, "Not signed in", "Sign in, or send a bearer token.")
    if connection.scope.get("method", "CONNECT") not in SAFE_METHODS:
        refuse_cross_site(connection, dependencies)
    caller = await dependencies.callers.get(f"cookie {secret}", lambda: _by_session(secret, dependencies))
    if caller is None:
        raise Problem(401, "Signed out", "Your session is over. Please sign in again.")
    return caller


async def _by_session(secret: str, dependencies: Dependencies) -> Caller | None:
    found = await dependencies.sessions.find(secret, dependencies.clock())
    user = await dependencies.accounts.find(found[0]) if found else None
    return Caller(user, "session", found[1]) if found and user else None


def refuse_cross_site(connection: HTTPConnection, dependencies: Dependencies) -> None:
    """Refuse what another site's page sends with our cookie."""
    if is_cross_site(connection.headers, dependencies.settings.origin):
        raise Problem(403, "Cross-site request", "This request came from another site's page.")


async def _by_token(authorization: str, dependencies: Dependencies) -> Caller:
    scheme, _, secret = authorization.partition(" ")
    known = await dependencies.callers.get(f"bearer {secret}", lambda: _by_secret(secret.strip(), dependencies))
    if scheme.lower() != "bearer" or known is None:
        raise Problem(401, "Unknown token", "This token is not valid, or not any more.")
    return known


async def _by_secret(secret: str, dependencies: Dependencies) -> Caller | None:
    found = await dependencies.tokens.find(secret, dependencies.clock())
    user = await dependencies.accounts.find(found[0]) if found else None
    return Caller(user, "token", found[1].expires_at) if found and user else None


SignedIn = Annotated[Caller, Depends(authenticate)]


async def superuser(caller: SignedIn) -> User:
    """A person who looks after the whole installation."""
    if not caller.user.superuser:
        raise Problem(403, "Superusers only", "This is for those who look after the installation.")
    return caller.user


Superuser = Annotated[User, Depends(superuser)]


async def member_of(
    caller: Caller, project_id: str, action: Action, dependencies: Dependencies, what: str = "project"
) -> Member:
    """The caller as a member of the project who may do `action`. Raises Problem 404 or 403."""
    place = (project_id, caller.user.id)
    found = (
        await dependencies.places.get(place, lambda: dependencies.projects.place(*place)) if is_id(project_id) else None
    )
    if found is None:
        raise not_found(what)
    if not may(found.role, action):
        raise Problem(403, "Not allowed", f"The role {found.role} may not {action} in this project.")
    return Member(caller, project_id, found.role, found.rules)


def project_access(action: Action) -> Any:
    """The member, for routes with `{project}`."""

    async def check(project: str, caller: SignedIn, dependencies: Injected) -> Member:
        return await member_of(caller, project, action, dependencies)

    return Depends(check)


@dataclass(frozen=True, slots=True)
class ResourceAccess:
    """A member's way to one thing of the project."""

    member: Member
    id: str
    owned: Owner

    @property
    def project_id(self) -> str:
        """Whose it is."""
        return self.member.project_id


async def resource_access(
    caller: Caller, kind: str, thing_id: str, action: Action, dependencies: Dependencies
) -> ResourceAccess:
    """The caller's way to a thing of some project, 404 if there is none."""
    owned = await _FINDERS[kind](dependencies.ownership, thing_id)
    return ResourceAccess(await member_of(caller, owned.project_id, action, dependencies, kind), thing_id, owned)


_FINDERS: dict[str, Callable[[OwnerLookup, str], Awaitable[Owner]]] = {
    "medium": OwnerLookup.medium,
    "upload": OwnerLookup.upload,
    "object": OwnerLookup.object,
    "run": OwnerLookup.run,
    "export": OwnerLookup.export,
    "version": OwnerLookup.version,
    "import": OwnerLookup.import_,
}


def medium_access(action: Action) -> Any:
    """The way to a medium, for routes with `{medium}`."""

    async def check(medium: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        return await resource_access(caller, "medium", medium, action, dependencies)

    return Depends(check)


def upload_access(action: Action) -> Any:
    """The way to an upload, for routes with `{upload}`."""

    async def check(upload: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        return await resource_access(caller, "upload", upload, action, dependencies)

    return Depends(check)


def object_access(action: Action) -> Any:
    """The way to an object, for routes with `{object_id}`."""

    async def check(object_id: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        return await resource_access(caller, "object", object_id, action, dependencies)

    return Depends(check)


def run_access(action: Action) -> Any:
    """The way to a run, for routes with `{run}`."""

    async def check(run: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        return await resource_access(caller, "run", run, action, dependencies)

    return Depends(check)


def snapshot_access(action: Action) -> Any:
    """The way to a snapshot, for routes with `{snapshot}`."""

    async def check(snapshot: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        found = await dependencies.snapshots.find(snapshot) if is_id(snapshot) else None
        if found is None:
            raise not_found("snapshot")
        member = await member_of(caller, found.project_id, action, dependencies, "snapshot")
        return ResourceAccess(member, snapshot, Owner(found.project_id))

    return Depends(check)


def version_access(action: Action) -> Any:
    """The way to a dataset version, for routes with `{version}`."""

    async def check(version: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        return await resource_access(caller, "version", version, action, dependencies)

    return Depends(check)


def export_access(action: Action) -> Any:
    """The way to an export, for routes with `{export}`."""

    async def check(export: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        return await resource_access(caller, "export", export, action, dependencies)

    return Depends(check)


def import_access(action: Action) -> Any:
    """The way to an import, for routes with `{import_id}`."""

    async def check(import_id: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        return await resource_access(caller, "import", import_id, action, dependencies)

    return Depends(check)
