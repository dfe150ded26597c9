"""The models that can be run."""

from fastapi import APIRouter

from common.contract.questions import ListModels, ModelCard
from gateway.dependencies import With
from gateway.http.access import SignedIn
from gateway.http.responses import Listed

router = APIRouter(tags=["runs"])


@router.get("/models")
async def list_models(_: SignedIn, parts: With) -> Listed[ModelCard]:
    """The models there are."""
    return Listed(items=(await parts.bus.ask(ListModels())).items)
