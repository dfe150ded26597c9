"""Whether queries use an index, as the database itself saw them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from common.storage.mongo import Database


@asynccontextmanager
async def no_scan(mongo: Database) -> AsyncIterator[set[str]]:
    """Fails where something within looks at a whole collection, or sorts in memory what it finds (an aggregation may
    sort what it counted); what it gives are the collections that were asked, filled in at the end."""
    asked: set[str] = set()
    await mongo["system.profile"].drop()
    await mongo.command("profile", 2)
    try:
        yield asked
    finally:
        await mongo.command("profile", 0)
    profile = await mongo["system.profile"].find({"ns": {"$not": {"$regex": "system"}}}).to_list(None)
    plans = {(entry["ns"].rpartition(".")[2], entry["planSummary"]) for entry in profile if "planSummary" in entry}
    asked |= {name for name, _ in plans}
    assert not [plan for plan in plans if "COLLSCAN" in plan[1]]
    commands = (entry["command"] for entry in profile if entry.get("hasSortStage"))
    assert not [command for command in commands if "pipeline" not in command]
