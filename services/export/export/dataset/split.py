"""The media and frames that an export selects, and their division into subsets."""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from common.contract.errors import Problem
from common.contract.questions import ExportChoices, SubsetSplit
from export.dataset.capabilities import Capabilities
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium

SUBSETS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class FrameSelection:
    """The selected media and frames of a dataset; see `ExportChoices`."""

    labeled_only: Literal["media", "frames"] | None = None
    frame_step: int = 1
    keyframes_only: bool = False
    split: SubsetSplit | None = None

    @classmethod
    def of(cls, asked: ExportChoices) -> "FrameSelection":
        """From the choices of a request."""
        return cls(asked.labeled_only, asked.frame_step, asked.keyframes_only, asked.split)

    def narrowed(self, dataset: Dataset) -> Dataset:
        """The dataset with the selected media and frames. Reads all labels once if the selection depends on them.

        Raises:
            Problem: nothing is selected.
        """
        media = self._media(dataset)
        if not media:
            raise Problem("export_no_labels")
        found = dataset.of(media if self.split is None else divided(media, self.split))
        found.split = self.split
        found.count_work()
        return found

    def _media(self, dataset: Dataset) -> list[ExportMedium]:
        has_parts = self.split or any(medium.subset != "default" for medium in dataset.media)
        if not (self.labeled_only or self.keyframes_only or has_parts):
            return [self._stepped(medium) for medium in dataset.media]
        # This pass also numbers all classes, so that every subset lists the same.
        whole = dataset.without_reports().limited_to(Capabilities.everything())
        found = {labels.medium.id: self._picked(labels) for labels in whole.labels()}
        return [picked for medium in dataset.media if (picked := found[medium.id]) is not None]

    def _stepped(self, medium: ExportMedium) -> ExportMedium:
        if self.frame_step == 1 or medium.kind == "image":
            return medium
        return replace(medium, picked=range(0, medium.frame_count, self.frame_step))

    def _picked(self, labels: Labels) -> ExportMedium | None:
        """The medium with its selected frames; None if there are none."""
        medium = labels.medium
        shown = _shown(labels)
        if self.labeled_only and not shown.any():
            return None
        if medium.kind == "image" or not (self.labeled_only == "frames" or self.keyframes_only):
            return self._stepped(medium)
        selected = _keyed(labels) if self.keyframes_only else np.ones(medium.frame_count, np.bool_)
        if self.labeled_only == "frames":
            selected &= shown
        frames = np.flatnonzero(selected)
        frames = frames[frames % self.frame_step == 0]
        return replace(medium, picked=array("q", frames.tolist())) if len(frames) else None


def _shown(labels: Labels) -> NDArray[np.bool_]:
    """By frame, whether a shape is visible or a label of the whole medium holds."""
    found = np.zeros(labels.medium.frame_count, np.bool_)
    for spans in (*labels.spans(), *(label.spans for label in labels.medium_labels)):
        for first, last in spans:
            found[first : last + 1] = True
    return found


def _keyed(labels: Labels) -> NDArray[np.bool_]:
    """By frame, whether an object has a keyframe there and is in view."""
    tracks = labels.keyframes.tracks
    frames = tracks.frames[~tracks.outside]
    whole = [key.frame for label in labels.medium_labels for key in label.keyframes if not key.outside]
    frames = np.append(frames, np.asarray(whole, np.int64))
    found = np.zeros(labels.medium.frame_count, np.bool_)
    found[frames[frames < labels.medium.frame_count]] = True
    return found


def divided(media: Sequence[ExportMedium], split: SubsetSplit) -> list[ExportMedium]:
    """The media with their subsets: in the order of SHA-256(seed, id), the first go to train, the next to val, the
    rest to test, in proportion to the shares (largest remainders), so that one more medium moves hardly any other."""
    shuffled = sorted(media, key=lambda medium: _shuffle_key(split.seed, medium.id))
    counts = _counts(len(shuffled), (split.train, split.val, split.test))
    names = (name for name, count in zip(SUBSETS, counts, strict=True) for _ in range(count))
    subsets = {medium.id: name for medium, name in zip(shuffled, names, strict=True)}
    return [replace(medium, subset=subsets[medium.id]) for medium in media]


def _shuffle_key(seed: int, medium_id: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{medium_id}".encode()).digest()


def _counts(total: int, shares: Iterable[float]) -> list[int]:
    shares = list(shares)
    exact = [total * share / sum(shares) for share in shares]
    counts = [int(count) for count in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: (counts[at] - exact[at], at))
    for at in by_rest[: total - sum(counts)]:
        counts[at] += 1
    return counts
