"""Questions about models."""

import asyncio
from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.questions import ListModels, ModelList
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from inference.models.registry import ModelRegistry

router = NatsRouter()
Models = Annotated[ModelRegistry, Dependency("models")]


@router.subscriber(**request_handler(ListModels))
async def list_models(_: ListModels, models: Models) -> ModelList:
    """The models that can be run."""
    return ModelList(items=await asyncio.to_thread(models.cards))
