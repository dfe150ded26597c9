"""Requests for statistics."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.statistics.repository import StatisticsRepository
from common.contract.questions import ReadStatistics, StatisticsRows
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Statistics = Annotated[StatisticsRepository, Dependency("statistics")]


@router.subscriber(**request_handler(ReadStatistics))
async def read_statistics(question: ReadStatistics, statistics: Statistics) -> StatisticsRows:
    """Counts of objects and edits, or seconds of labeling."""
    return await statistics.read(question)
