"""Serves the built browser application: its files, the API reference, and its page at every other address."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from common.contract.errors import Problem

PAGE = "index.html"
API_DOCS, API_DOCS_PAGE = "api/docs", "api-docs.html"
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_MISSING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Tracklane</title>
<body style="font-family:system-ui;max-width:40rem;margin:15vh auto;padding:0 1rem;line-height:1.5">
<h1>Tracklane</h1><p>The service is running, but its pages are not built. Build them with <code>make up</code>, or with
<code>npm ci &amp;&amp; npm run build</code> in <code>services/gateway/ui</code>.</p>
<p>The API is described in <a href="/api/openapi.json">/api/openapi.json</a>.</p></body></html>"""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    media_type: str
    compressed: tuple[tuple[str, Path], ...]


class Pages:
    """The files of the built application, listed once. Other files are never opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}

    def find(self, path: str) -> _File | None:
        """The file at this address, None without one."""
        if PAGE not in self._files:
            self._files = _scan(self._folder)
        return self._files.get(path)


def _scan(folder: Path) -> dict[str, _File]:
    """All files by address, each with its compressed variants."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: _File(
            path,
            mimetypes.guess_type(name)[0] or "application/octet-stream",
            tuple((code, files[name + suffix]) for code, suffix in _ENCODINGS if name + suffix in files),
        )
        for name, path in files.items()
    }


def add_pages(app: FastAPI, folder: Path) -> None:
    """Respond to every other GET with the application, and to /api/docs with the API reference."""
    pages = Pages(folder)

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def page(path: str, request: Request) -> Response:
        request.scope["route"] = _UI
        if path != API_DOCS and (path == "api" or path.startswith("api/")):
            raise Problem("route_not_found")
        file = pages.find(API_DOCS_PAGE if path == API_DOCS else path)
        if file is None and "." in path.rpartition("/")[2]:
            raise Problem("route_not_found")
        file = file or pages.find(PAGE)
        if file is None:
            return HTMLResponse(_MISSING, headers={"Cache-Control": REVALIDATE})
        return _file_response(file, request, IMMUTABLE if path.startswith("assets/") else REVALIDATE)


class _Route:
    path = "ui"


_UI = _Route()


def _file_response(file: _File, request: Request, caching: str) -> Response:
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    accepted = {part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    for code, compressed in file.compressed:
        if code in accepted:
            return FileResponse(compressed, media_type=file.media_type, headers=headers | {"Content-Encoding": code})
    return FileResponse(file.path, media_type=file.media_type, headers=headers)
