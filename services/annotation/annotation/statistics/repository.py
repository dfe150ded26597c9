"""Statistics of a project, computed only from indexes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotation.indexes import BY_CLASS, BY_VALUE, OF_PERSON, TIME_BY_DAY, Index
from common.contract.errors import Problem
from common.contract.questions import ReadStatistics, StatisticsRow, StatisticsRows
from common.storage.mongo import Database, Document

_MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class _Measure:
    """A measure: its collection and index, the field of each dimension and filter, and the summed expression."""

    collection: str
    index: Index
    fields: Mapping[str, str]
    summed: Any = 1


_WHEN = {"day": "day"}
_OBJECTS = _Measure(
    "objects",
    BY_CLASS,
    {name: name for name in ("mission", "category", "type", "annotation_type", "source")}
    | {"person": "author", "medium": "media_id"}
    | _WHEN,
)
_VALUES = _Measure("objects", BY_VALUE, {**_OBJECTS.fields, "attribute": "attributes"})
_EDITS = _Measure("changes", OF_PERSON, {"person": "author", "medium": "media_id"} | _WHEN)
_SECONDS = _Measure("labeling_time", TIME_BY_DAY, {"person": "user_id"} | _WHEN, "$seconds")


class StatisticsRepository:
    """Counts of objects and changes, and seconds of labeling."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, question: ReadStatistics) -> StatisticsRows:
        """The requested numbers, largest first.

        Raises:
            Problem: The measure has no such breakdown or filter.
        """
        measure, stages = pipeline(question)
        groups = self._database[measure.collection].aggregate(stages, hint=dict(measure.index), allowDiskUse=True)
        rows = [
            StatisticsRow(
                of=[group["_id"].get(f"by{number}") for number in range(len(question.by))], value=group["value"]
            )
            async for group in groups
        ]
        return StatisticsRows(rows=rows)


def pipeline(question: ReadStatistics) -> tuple[_Measure, list[Document]]:
    """The measure and the stages of an aggregation.

    Raises:
        Problem: The measure has no such breakdown or filter.
    """
    measure = _measure(question)
    stages: list[Document] = [{"$match": _match(question, measure)}]
    if measure is _VALUES:
        stages += [{"$project": {"_id": 0, "attributes": 1}}, {"$unwind": "$attributes"}]
    by = {f"by{number}": f"${measure.fields[dimension]}" for number, dimension in enumerate(question.by)}
    stages.append({"$group": {"_id": by, "value": {"$sum": measure.summed}}})
    return measure, [*stages, {"$sort": {"value": -1, "_id": 1}}, {"$limit": _MAX_ROWS}]


def _measure(question: ReadStatistics) -> _Measure:
    if "attribute" in question.by and (question.measure != "objects" or len(question.by) > 1):
        raise Problem.of_field("by", "attribute_breakdown_alone")
    if len(set(question.by)) < len(question.by):
        raise Problem.of_field("by", "duplicate_breakdown")
    measure = {"objects": _OBJECTS, "edits": _EDITS, "seconds": _SECONDS}[question.measure]
    if "attribute" in question.by:
        measure = _VALUES
    for dimension in question.by:
        if dimension not in measure.fields:
            raise Problem.of_field(
                "by", "breakdown_not_available", measure=question.measure.capitalize(), dimension=dimension
            )
    return measure


def _match(question: ReadStatistics, measure: _Measure) -> Document:
    match: Document = {"project_id": question.project_id}
    if measure.collection == "objects":
        match["deleted"] = False
    if measure is _VALUES:
        match["attributes"] = {"$gte": ""}
    filters = {"category": question.category, "source": question.source, "person": question.person}
    for dimension, value in filters.items():
        if value is not None:
            match[_field(dimension, measure, question)] = value
    if question.media is not None:
        match[_field("medium", measure, question)] = {"$in": question.media}
    days = {"$gte": question.since, "$lte": question.until}
    if bounds := {bound: day for bound, day in days.items() if day is not None}:
        match["day"] = bounds
    return match


def _field(dimension: str, measure: _Measure, question: ReadStatistics) -> str:
    if dimension not in measure.fields:
        raise Problem.of_field(
            dimension, "filter_not_available", measure=question.measure.capitalize(), dimension=dimension
        )
    return measure.fields[dimension]
