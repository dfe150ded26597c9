"""What annotation answers about numbers."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.store.statistics import StatisticsStore
from common.answering import answer
from common.given import Given
from common.questions import ReadStatistics, StatisticsRows

router = NatsRouter()
Statistics = Annotated[StatisticsStore, Given("statistics")]


@router.subscriber(**answer(ReadStatistics))
async def read_statistics(question: ReadStatistics, statistics: Statistics) -> StatisticsRows:
    """Objects, edits or seconds of labeling, counted."""
    return await statistics.read(question)
