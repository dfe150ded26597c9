"""The models that can be run."""

from fastapi import APIRouter

from common.contract.questions import ListModels, ModelCard
from gateway.api.access import SignedIn
from gateway.api.answers import Listed
from gateway.parts import With

router = APIRouter(tags=["runs"])


@router.get("/models")
async def list_models(_: SignedIn, parts: With) -> Listed[ModelCard]:
    """The models there are."""
    return Listed(items=(await parts.bus.ask(ListModels())).items)
