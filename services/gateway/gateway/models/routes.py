"""Models."""

from fastapi import APIRouter

from common.contract.questions import ListModels, ModelCard
from gateway.dependencies import Injected
from gateway.http.authentication import SignedIn
from gateway.http.responses import Page

router = APIRouter(tags=["runs"])


@router.get("/models")
async def list_models(_: SignedIn, dependencies: Injected) -> Page[ModelCard]:
    """List the installed models."""
    return Page(items=(await dependencies.bus.ask(ListModels())).items)
