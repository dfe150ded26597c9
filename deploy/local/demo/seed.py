"""Fills the demo project over the public HTTP API."""

import asyncio
import email
import email.policy
import json
import re
from pathlib import Path
from typing import Any

import httpx

CLIP = Path(__file__).with_name("clip.mp4")
ADDRESS = "demo@tracklane.example"
PROJECT = "Demo"
CONDITIONS = {"weather": "Sunny", "lighting": "Day", "fov": "60–90"}
WITHIN_S = 300

Json = dict[str, Any]


class DemoFailed(Exception):
    """The demo could not be created; the stack works without it."""


class Demo:
    """One account, one project and one labeled clip; every step is idempotent."""

    def __init__(self, url: str, home: Path, password: str) -> None:
        self._password = password
        self._mail = home / "mail"
        self._created = home / "demo.json"
        # The gateway accepts cookies from its own pages only.
        self._http = httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60, trust_env=False)

    @property
    def is_created(self) -> bool:
        """The demo is created once, so that what users delete stays deleted."""
        return self._created.exists()

    @property
    def welcome(self) -> str:
        """The message with the credentials."""
        return f"Sign in to the demo project with {ADDRESS} and the password {self._password}"

    async def __aenter__(self) -> "Demo":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def sign_in(self) -> None:
        """Sign in, after signing up on the first start."""
        if await self._open_session():
            return
        terms = await self._ask("GET", "/terms")
        form = {"name": "Demo", "email": ADDRESS, "password": self._password, "password_again": self._password}
        await self._ask("POST", "/accounts", json={**form, "accepted_terms": terms["version"]})
        await self._follow_link()
        if not await self._open_session():
            raise DemoFailed(f"{ADDRESS} has another password than the one in credentials.json")

    async def fill(self) -> None:
        """Create the project, upload the clip and label it with the detector."""
        project = await self._project()
        medium = await self._medium(project)
        await self._until(f"/media/{medium}", ends={"ready": True, "failed": False})
        run = await self._ask("POST", f"/projects/{project}/runs", key="demo-run", json=await self._run_of(medium))
        await self._until(f"/runs/{run['id']}", ends={"done": True, "failed": False, "cancelled": False})
        self._created.write_text(json.dumps({"project": project, "medium": medium}))

    async def _open_session(self) -> bool:
        answer = await self._http.post("/api/v1/session", json={"email": ADDRESS, "password": self._password})
        return answer.is_success

    async def _follow_link(self) -> None:
        """Open the link in the email that the gateway wrote to the home folder."""
        mails = sorted(self._mail.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in mails:
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = mail.get_body(("plain",))
            if ADDRESS in str(mail["To"]) and body and (link := re.search(r"https?://\S+", body.get_content())):
                await self._http.get(link.group(), follow_redirects=True)
                return

    async def _project(self) -> str:
        for project in (await self._ask("GET", "/projects"))["items"]:
            if project["name"] == PROJECT:
                return str(project["id"])
        body = {"name": PROJECT, "task_kind": "video"}
        return str((await self._ask("POST", "/projects", key="demo-project", json=body))["id"])

    async def _medium(self, project: str) -> str:
        for medium in (await self._ask("GET", f"/projects/{project}/media"))["items"]:
            return str(medium["id"])
        content = CLIP.read_bytes()
        body = {"name": CLIP.name, "size_bytes": len(content), "kind": "video", **CONDITIONS}
        upload = await self._ask("POST", f"/projects/{project}/uploads", key="demo-clip", json=body)
        size = upload["part_size_bytes"]
        for number, start in enumerate(range(0, len(content), size), start=1):
            await self._ask("PUT", f"/uploads/{upload['id']}/parts/{number}", content=content[start : start + size])
        return str((await self._ask("POST", f"/uploads/{upload['id']}/complete"))["id"])

    async def _run_of(self, medium: str) -> Json:
        models = await self._ask("GET", "/models")
        return {
            "kind": "detect",
            "model": models["items"][0]["id"],
            "media": [medium],
            "threshold": 0.45,
            "accept": "auto",
        }

    async def _until(self, path: str, ends: dict[str, bool]) -> None:
        """Wait until a resource has reached a final state; fails unless it succeeded."""
        async with asyncio.timeout(WITHIN_S):
            while (resource := await self._ask("GET", path))["state"] not in ends:  # noqa: ASYNC110 - asks over HTTP
                await asyncio.sleep(0.5)
        if not ends[resource["state"]]:
            raise DemoFailed(f"{path} is {resource['state']}: {resource.get('reason')}")

    async def _ask(self, method: str, path: str, key: str = "", **request: Any) -> Json:
        headers = {"Idempotency-Key": key} if key else {}
        answer = await self._http.request(method, f"/api/v1{path}", headers=headers, **request)
        if not answer.is_success:
            raise DemoFailed(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json()) if answer.content else {}
