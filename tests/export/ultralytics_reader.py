"""Reads archives as Ultralytics documents for its trainers, and rejects what they would reject."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml

Rows = list[list[float]]


class Read:
    """An unpacked archive: classes by number, and the rows of numbers of each image of a subset. Only corners of
    oriented boxes may lie outside the image."""

    def __init__(self, files: Mapping[str, bytes], *, oriented: bool = False) -> None:
        self._oriented = oriented
        self.config: dict[str, Any] = yaml.safe_load(files["data.yaml"])
        self.names: dict[int, str] = self.config["names"]
        assert list(self.names) == list(range(len(self.names)))
        self._files = files

    def images(self, subset: str = "train") -> dict[str, Rows]:
        """The images of the subset by their paths below the image folder."""
        listed = self._files[self.config[subset]].decode().splitlines()
        return {line.removeprefix(f"./images/{subset}/"): self._rows(line) for line in listed}

    def _rows(self, line: str) -> Rows:
        # Paths starting with ./ are relative to the list; labels are found by the last folder `images`.
        assert line.startswith("./")
        before, _, after = f"/{line.removeprefix('./')}".rpartition("/images/")
        labels = str(PurePosixPath(f"{before}/labels/{after}").with_suffix(".txt")).removeprefix("/")
        rows = [[float(word) for word in row.split()] for row in self._files.get(labels, b"").decode().splitlines()]
        for row in rows:
            self._check(row)
        return rows

    def _check(self, row: list[float]) -> None:
        assert row[0] in self.names
        if self._oriented:
            assert len(row) == 9
            return
        shares = row[1:]
        if "kpt_shape" in self.config:
            points, values = self.config["kpt_shape"]
            assert len(row) == 5 + points * values == 5 + points * 3
            assert {*row[7::3]} <= {0, 1, 2}
            shares = row[1:5] + row[5::3] + row[6::3]
        elif len(row) <= 6:
            shares = row[1:5]
        else:
            assert len(row) % 2
        assert all(0 <= share <= 1 for share in shares)
