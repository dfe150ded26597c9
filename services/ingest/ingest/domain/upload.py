"""An upload: a file that arrives part by part."""

from dataclasses import dataclass
from typing import Literal

from common.contract.errors import Problem, Reason
from common.contract.media import Conditions, Kind
from common.contract.questions import StartUpload
from ingest.domain.content import UnsupportedFile, claimed_kind
from ingest.domain.parts import part_length

# joining: the owner asked to finish it, and it may become a medium at any moment.
UploadState = Literal["open", "joining", "complete", "aborted"]
UNDECIDED: tuple[UploadState, ...] = ("open", "joining")


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """An upload as it is stored. `name` is unique in the project once it is reserved; `object_key` and `s3_upload` are
    the key and the multipart upload in S3; `reason` is why the content was refused."""

    id: str
    project_id: str
    media_id: str
    requested_name: str
    name: str | None
    kind: Kind
    conditions: Conditions
    author: str
    sha256: str | None
    size_bytes: int
    part_size_bytes: int
    object_key: str
    s3_upload: str | None
    state: UploadState
    reason: Reason | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether it may still become a medium."""
        return self.state in UNDECIDED

    def ended(self) -> Problem:
        """The refusal of a request for an upload that has ended."""
        if self.reason is not None:
            return Problem.of_reason(self.reason)
        return Problem("upload_aborted" if self.state == "aborted" else "upload_completed")

    def expect_part(self, number: int, size_bytes: int) -> None:
        """Raises Problem if there is no such part, or it has another size."""
        expected = part_length(number, self.size_bytes, self.part_size_bytes)
        if expected is None:
            raise Problem.of_field("number", "no_such_part", number=number)
        if size_bytes != expected:
            sizes = {"expected_bytes": expected, "actual_bytes": size_bytes}
            raise Problem.of_field("size_bytes", "wrong_part_size", number=number, **sizes)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The largest files."""

    max_video_bytes: int
    max_image_bytes: int

    def max_bytes(self, kind: Kind) -> int:
        """The largest file of a kind."""
        return self.max_image_bytes if kind == "image" else self.max_video_bytes


def check_request(question: StartUpload, name: str, limits: UploadLimits) -> None:
    """Raises Problem if the name, kind or size rule the file out."""
    try:
        kind = claimed_kind(name)
    except UnsupportedFile as error:
        raise Problem.of_field("name", error.code, **error.params) from error
    if kind != question.kind:
        raise Problem.of_field("kind", "file_is_an_image" if kind == "image" else "file_is_a_video", name=name)
    if question.size_bytes == 0:
        raise Problem.of_field("size_bytes", "file_empty")
    if question.size_bytes > limits.max_bytes(kind):
        raise Problem.of_field("size_bytes", "file_too_large", limit_bytes=limits.max_bytes(kind))
