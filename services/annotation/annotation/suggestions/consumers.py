"""Facts about suggested labels."""

import asyncio
from typing import Annotated

from faststream.nats import NatsRouter

from annotation.suggestions.filing import FilingService
from common.contract.events import LabelsSuggested
from common.contract.labels import Suggestions
from common.messaging.bus import InjectedBus
from common.messaging.delivery import consume
from common.messaging.dependencies import Dependency

router = NatsRouter()
Filing = Annotated[FilingService, Dependency("filing")]


@router.subscriber(**consume(LabelsSuggested, by="annotation"))
async def file_suggestions(suggested: LabelsSuggested, filing: Filing, bus: InjectedBus) -> None:
    """Store the suggestions of a run, as objects or for review."""
    medium = await filing.medium_of(suggested)
    if medium is None:
        return
    file = await bus.objects.get(suggested.object_key)
    suggestions = await asyncio.to_thread(Suggestions.model_validate_json, file)
    await filing.file(suggested, medium, suggestions)
