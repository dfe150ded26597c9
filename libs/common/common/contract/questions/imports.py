"""Questions to export about imports: label files that become objects."""

from pydantic import Field

from common.contract.edits import Rules
from common.contract.errors import Reason
from common.contract.events import ImportState
from common.contract.labels import Id
from common.contract.model import Model
from common.contract.questions.export import ExternalBucket, S3Target
from common.contract.questions.question import Page, ProjectPageQuestion, Question

SKIPPED_SHOWN = 200


class SkippedRow(Model):
    """An entry of an archive that was not imported: its location, the reason and the number of such entries."""

    where: str
    reason: Reason
    count: int = 1


class Import(Model):
    """An import: the request and its outcome.

    `found` is the detected format and `certainty` the confidence in it, 0 to 1. `created` and `unchanged` (already
    there) count objects, `refused` those that broke a rule of the project. `skipped` lists the first of the
    `skipped_total` rows that were not imported. `added` lists the new classes. A dry run counts the same and writes
    nothing; it can be committed until `kept_until` (Unix seconds). `source` is the external bucket, if any.
    """

    id: Id
    project_id: Id
    name: str
    object_key: str
    source: ExternalBucket | None = None
    format: str | None
    media: list[Id] | None
    mission: str | None
    dry_run: bool
    add_classes: bool
    rules: Rules = Rules()
    state: ImportState
    progress: float
    found: str | None = None
    certainty: float | None = None
    created: int = 0
    unchanged: int = 0
    refused: int = 0
    skipped: list[SkippedRow] = []
    skipped_total: int = 0
    added: list[str] = []
    reason: Reason | None = None
    kept_until: float | None = None
    author: str
    created_at: float


class StartImport(Question[Import], to="export"):
    """Import the archive or label file stored at `object_key`. Idempotent by `import_id`.

    With a `source`, the file or folder of that name in the external bucket is fetched to `object_key` first.

    Without a `format`, it is detected. `media` limits the files that may get labels. Objects go to `mission`, given by
    id or name, or to the one that the archive names. Classes that it lacks are added with `add_classes`; otherwise the
    rows that need them are refused.
    """

    import_id: Id
    project_id: Id
    name: str = Field(min_length=1, max_length=255)
    object_key: str
    source: S3Target | None = None
    format: str | None = None
    media: list[Id] | None = None
    mission: str | None = None
    dry_run: bool = False
    add_classes: bool = False
    rules: Rules = Rules()
    author: str


class GetImport(Question[Import], to="export"):
    """One import."""

    import_id: Id


class ImportList(Page):
    """Imports, newest first."""

    items: list[Import]


class ListImports(ProjectPageQuestion[ImportList], to="export"):
    """The imports of a project."""


class CommitImport(Question[Import], to="export"):
    """Run the import after a dry run, without uploading the archive again. Idempotent."""

    import_id: Id


class CancelImport(Question[Import], to="export"):
    """Cancel an import. Objects created so far are kept and can be undone as one operation."""

    import_id: Id
