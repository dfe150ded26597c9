"""A person (or their script) who uses the product over its public HTTP interface."""

import asyncio
import email
import email.policy
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx

CONDITIONS = {"weather": "Sunny", "lighting": "Day", "fov": "60–90"}
Json = dict[str, Any]


class Site(Protocol):
    """Where the product runs, and where it puts its mails."""

    @property
    def url(self) -> str: ...

    @property
    def mail(self) -> Path: ...


class Person:
    """Signed in with a cookie. Paths are below `/api/v1`."""

    def __init__(self, http: httpx.AsyncClient, address: str) -> None:
        self.http = http
        self.address = address

    async def ask(self, method: str, path: str, status: int | None = None, **request: Any) -> Any:
        """The JSON that a request gives; the status is checked (by default: any 2xx)."""
        answer = await self.http.request(method, f"/api/v1{path}", **request)
        right = answer.status_code == status if status else answer.is_success
        assert right, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content and is_json(answer) else answer.content

    async def project(self, name: str = "Streets") -> str:
        """A new project's id."""
        return str((await self.ask("POST", "/projects", json={"name": name, "task_kind": "video"}))["id"])

    async def start_upload(self, project: str, name: str, size: int, kind: str = "video", **more: Any) -> Json:
        body = {"name": name, "size_bytes": size, "kind": kind, **CONDITIONS, **more}
        found: Json = await self.ask("POST", f"/projects/{project}/uploads", json=body)
        return found

    async def upload(self, project: str, path: Path, kind: str = "video") -> str:
        """Upload a file part by part; the medium's id."""
        content = await asyncio.to_thread(path.read_bytes)
        upload = await self.start_upload(project, path.name, len(content), kind)
        size = upload["part_size_bytes"]
        for number, start in enumerate(range(0, len(content), size), 1):
            await self.ask("PUT", f"/uploads/{upload['id']}/parts/{number}", content=content[start : start + size])
        return str((await self.ask("POST", f"/uploads/{upload['id']}/complete"))["id"])

    async def medium(self, media_id: str) -> Json:
        found: Json = await self.ask("GET", f"/media/{media_id}")
        return found

    async def until(self, path: str, true: Callable[[Json], bool], within_s: float = 90, every_s: float = 0.1) -> Json:
        """What `path` gives, as soon as `true` holds for it."""
        deadline = time.monotonic() + within_s
        while True:
            found: Json = await self.ask("GET", path)
            if true(found):
                return found
            assert time.monotonic() < deadline, f"{path} did not come true in {within_s} s: {found}"
            await asyncio.sleep(every_s)

    async def until_processed(self, media_id: str, within_s: float = 90) -> Json:
        """The medium when it is no longer in work."""
        return await self.until(f"/media/{media_id}", lambda medium: medium["state"] != "processing", within_s)

    async def auto_label(self, project: str, *media: str, within_s: float = 120) -> Json:
        """Run the first model over media and accept what it says; the run when it ended."""
        models = await self.ask("GET", "/models")
        body = {"kind": "detect", "model": models["items"][0]["id"], "media": list(media), "accept": "auto"}
        run = await self.ask("POST", f"/projects/{project}/runs", json=body)
        ended = ("done", "failed", "cancelled")
        return await self.until(f"/runs/{run['id']}", lambda run: run["state"] in ended, within_s)

    async def objects(self, media_id: str) -> list[Json]:
        """All objects of a medium, by id."""
        found = await self.ask("GET", f"/media/{media_id}/objects")
        return sorted(found["items"], key=lambda found: str(found["id"]))

    async def edit(self, media_id: str, *edits: Json, atomic: bool = False) -> list[Json]:
        """What became of each edit."""
        body = {"edits": list(edits), "atomic": atomic}
        results: list[Json] = (await self.ask("POST", f"/media/{media_id}/edits", json=body))["results"]
        return results

    async def export(self, project: str, form: str, **more: Any) -> tuple[Json, bytes]:
        """An export that is done, and its archive."""
        name = f"export-{secrets.token_hex(3)}"
        body = {"name": name, "format": form, "save_images": False, **more}
        export = await self.ask("POST", f"/projects/{project}/exports", json=body)
        ended = ("done", "failed", "cancelled")
        done = await self.until(f"/exports/{export['id']}", lambda export: export["state"] in ended)
        assert done["state"] == "done", done
        return done, await self.ask("GET", f"/exports/{export['id']}/archive")


def is_json(answer: httpx.Response) -> bool:
    """Whether the body is one JSON value (NDJSON is many)."""
    return answer.headers.get("content-type", "").split(";")[0] in ("application/json", "application/problem+json")


def box(x1: float, y1: float, x2: float, y2: float) -> Json:
    return {"kind": "bbox", "x1": x1, "y1": y1, "x2": x2, "y2": y2}


def create(object_id: str | None = None, frame: int = 0, category: str = "Vehicle", **corners: float) -> Json:
    """An edit that draws a new box."""
    corners = corners or {"x1": 10, "y1": 10, "x2": 60, "y2": 40}
    keyframe = {"frame": frame, "geometry": {"kind": "bbox", **corners}}
    object_id = object_id or new_id()
    return {
        "id": new_id(),
        "object": object_id,
        "base_revision": 0,
        "verb": "create",
        "mission": "Object Detection",
        "category": category,
        "keyframes": [keyframe],
    }


def move(found: Json, frame: int, x1: float, y1: float, x2: float, y2: float) -> Json:
    """An edit that puts an object's box on a frame."""
    keyframe = {"frame": frame, "geometry": box(x1, y1, x2, y2)}
    return {
        "id": new_id(),
        "object": found["id"],
        "base_revision": found["revision"],
        "verb": "put_keyframe",
        "keyframe": keyframe,
    }


def new_id() -> str:
    return secrets.token_hex(10)


def link_in_mail(site: Site, address: str) -> str:
    """The link of the last mail to an address."""
    for path in sorted(site.mail.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if address in str(mail["To"]):
            body = mail.get_body(("plain",))
            assert body is not None
            found = re.search(r"https?://\S+", body.get_content())
            assert found is not None
            return found.group()
    raise AssertionError(f"no mail to {address} in {site.mail}")


@asynccontextmanager
async def signed_in(site: Site, name: str = "Ada") -> AsyncIterator[Person]:
    """A new person who signed up, verified and logged in."""
    address = f"{name.lower()}-{secrets.token_hex(4)}@example.org"
    password = "correct horse battery"
    async with httpx.AsyncClient(base_url=site.url, headers={"Origin": site.url}, timeout=130) as http:
        person = Person(http, address)
        terms = await person.ask("GET", "/terms")
        form = {"name": name, "email": address, "password": password, "password_again": password}
        await person.ask("POST", "/accounts", 201, json={**form, "accepted_terms": terms["version"]})
        verified = await http.get(link_in_mail(site, address), follow_redirects=True)
        assert verified.is_success, verified.text[:300]
        await person.ask("POST", "/session", 204, json={"email": address, "password": password})
        yield person
