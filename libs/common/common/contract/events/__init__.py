"""The facts that services tell, and the jobs they queue: THE contract.

A fact says what happened and carries what its readers need. Subject: `<type>.v<version>.<project_id>`. The id of
a fact is derived from what happened (`key`), so that telling it again is the same event.
"""

from common.contract.events.annotation import AnnotationChanged, ClipState, LabelsReviewed, MissionChanged
from common.contract.events.event import Event, MediaEvent
from common.contract.events.export import ExportChanged, ExportReady, ExportState, WriteExport
from common.contract.events.frames import ClipReady, CutClip, EncodeClip, MediaFailed, MediaPlanned, MediaReady
from common.contract.events.gateway import MemberAdded, ProjectCreated
from common.contract.events.imports import ImportChanged, ImportState, ReadArchive
from common.contract.events.inference import (
    LabelClip,
    LabelsSuggested,
    LabelsTracked,
    RunChanged,
    RunState,
    TrackObject,
)
from common.contract.events.ingest import HashMedium, MediaDeleted, MediaHashed, MediaStored
from common.contract.events.versions import VersionChanged, VersionPublished

__all__ = [
    "FACTS",
    "JOBS",
    "AnnotationChanged",
    "ClipReady",
    "ClipState",
    "CutClip",
    "EncodeClip",
    "Event",
    "ExportChanged",
    "ExportReady",
    "ExportState",
    "HashMedium",
    "ImportChanged",
    "ImportState",
    "LabelClip",
    "LabelsReviewed",
    "LabelsSuggested",
    "LabelsTracked",
    "MediaDeleted",
    "MediaEvent",
    "MediaFailed",
    "MediaHashed",
    "MediaPlanned",
    "MediaReady",
    "MediaStored",
    "MemberAdded",
    "MissionChanged",
    "ProjectCreated",
    "ReadArchive",
    "RunChanged",
    "RunState",
    "TrackObject",
    "VersionChanged",
    "VersionPublished",
    "WriteExport",
]

FACTS: tuple[type[Event], ...] = (
    ProjectCreated, MemberAdded,
    MediaStored, MediaHashed, MediaDeleted,
    MediaPlanned, ClipReady, MediaReady, MediaFailed,
    RunChanged, LabelsSuggested, LabelsTracked,
    MissionChanged, LabelsReviewed, AnnotationChanged, ClipState,
    ExportChanged, ExportReady, ImportChanged, VersionPublished, VersionChanged,
)  # fmt: skip
JOBS: tuple[type[Event], ...] = (HashMedium, CutClip, EncodeClip, LabelClip, TrackObject, WriteExport, ReadArchive)
