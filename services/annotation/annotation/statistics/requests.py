"""What annotation answers about numbers."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.statistics.repository import StatisticsStore
from common.contract.questions import ReadStatistics, StatisticsRows
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Statistics = Annotated[StatisticsStore, Dependency("statistics")]


@router.subscriber(**request_handler(ReadStatistics))
async def read_statistics(question: ReadStatistics, statistics: Statistics) -> StatisticsRows:
    """Objects, edits or seconds of labeling, counted."""
    return await statistics.read(question)
