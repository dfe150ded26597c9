"""What export is asked: formats and exports."""

from pydantic import Field

from common.events import ExportState
from common.labels import Id
from common.model import Model
from common.questions.question import Page, Question


class Format(Model):
    """An archive format, what it is good for and what it cannot carry."""

    name: str
    can_export: bool
    can_import: bool
    cannot_carry: list[str]


class FormatList(Model):
    """All formats."""

    items: list[Format]


class ListFormats(Question[FormatList]):
    """The formats there are."""

    to = "export"


class Dropped(Model):
    """Something that the format could not hold, and how often."""

    what: str
    count: int


class Export(Model):
    """An export: what was asked and what became of it."""

    id: Id
    project_id: Id
    name: str
    format: str
    media: list[Id] | None
    classes: list[str] | None
    annotation_types: list[str] | None
    save_images: bool
    state: ExportState
    progress: float
    size_bytes: int | None = None
    sha256: str | None = None
    object_key: str | None = None
    dropped: list[Dropped] = []
    reason: str | None = None
    author: str
    created_at: float


class StartExport(Question[Export]):
    """Write an archive of a project's labels; the same `export_id` again is the same export."""

    to = "export"

    export_id: Id
    project_id: Id
    name: str = Field(min_length=1, max_length=120)
    format: str
    media: list[Id] | None = None
    classes: list[str] | None = None
    annotation_types: list[str] | None = None
    save_images: bool = False
    author: str


class GetExport(Question[Export]):
    """One export."""

    to = "export"

    export_id: Id


class ExportList(Model):
    """Exports, newest first."""

    items: list[Export]
    next_cursor: str | None = None


class ListExports(Question[ExportList]):
    """The exports of a project."""

    to = "export"

    project_id: Id
    page: Page = Page()


class CancelExport(Question[Export]):
    """Stop an export; nothing of it stays."""

    to = "export"

    export_id: Id
