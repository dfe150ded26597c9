"""Archive formats."""

from fastapi import APIRouter

from common.contract.questions import Format, ListFormats
from gateway.dependencies import Injected
from gateway.http.authentication import SignedIn
from gateway.http.responses import Page

router = APIRouter(tags=["exports"])


@router.get("/formats")
async def list_formats(_: SignedIn, dependencies: Injected) -> Page[Format]:
    """List the formats with their capabilities and limitations."""
    return Page(items=(await dependencies.bus.ask(ListFormats())).items)
