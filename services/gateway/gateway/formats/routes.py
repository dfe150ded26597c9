"""The archive formats there are."""

from fastapi import APIRouter

from common.contract.questions import Format, ListFormats
from gateway.dependencies import With
from gateway.http.access import SignedIn
from gateway.http.responses import Listed

router = APIRouter(tags=["exports"])


@router.get("/formats")
async def list_formats(_: SignedIn, parts: With) -> Listed[Format]:
    """Every format with what it cannot carry."""
    return Listed(items=(await parts.bus.ask(ListFormats())).items)
