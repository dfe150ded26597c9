"""The archive formats there are."""

from fastapi import APIRouter

from common.contract.questions import Format, ListFormats
from gateway.api.access import SignedIn
from gateway.api.answers import Listed
from gateway.parts import With

router = APIRouter(tags=["exports"])


@router.get("/formats")
async def list_formats(_: SignedIn, parts: With) -> Listed[Format]:
    """Every format with what it cannot carry."""
    return Listed(items=(await parts.bus.ask(ListFormats())).items)
