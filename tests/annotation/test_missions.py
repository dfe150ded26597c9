"""Missions on real servers: saving, deleting, and moving objects."""

import asyncio
from typing import Any

import pytest

from annotation.domain.missions import (
    OBJECT_DETECTION,
    builtin_missions,
    mission_id,
)
from common.contract.edits import Delete
from common.contract.errors import Problem
from common.contract.events import MissionChanged
from common.contract.missions import Attribute, Mission
from common.contract.questions import CategoryMove, DeleteMission, SaveMission
from common.service.ids import new_id
from tests.annotation.mission_builders import CARS, category, mission


def saving(medium: Any, mission: Mission, *moves: CategoryMove) -> SaveMission:
    return SaveMission(project_id=medium.project_id, mission=mission, moves=list(moves), author="ada")


async def published(stores: Any, mission: str) -> list[int]:
    """The revisions of a mission whose events are published or pending."""
    documents = await stores.mongo.unpublished_events.find({"type": MissionChanged.type}).to_list(None)
    events = [MissionChanged.model_validate_json(one["event"]) for one in documents]
    return sorted(one.revision for one in events if one.mission_id == mission)


@pytest.mark.servers
async def test_built_in_missions_are_created_once(stores: Any) -> None:
    project_id = new_id("p")

    lists = await asyncio.gather(*(stores.ontologies.missions(project_id) for _ in range(5)))

    assert all(found == lists[0] for found in lists)
    assert lists[0] == builtin_missions(project_id)
    assert await published(stores, lists[0][0].id) == [0]


@pytest.mark.servers
async def test_a_mission_is_changed_only_from_its_latest_revision(medium: Any, stores: Any, work: Any) -> None:
    wild = Attribute(name="$ref", kind="select", values=["$x", "a.b"], default="$x")
    cows = mission(category("Cow", attributes=[wild]), id=new_id("m"), name="Cows", builtin=True)

    saved = await work.missions.save(saving(medium, cows))
    again = await work.missions.save(saving(medium, cows))

    assert saved == again == cows.model_copy(update={"builtin": False, "revision": 1})
    assert (await stores.ontologies.missions(medium.project_id))[-1] == saved
    renamed = saved.model_copy(update={"name": "Cattle"})
    assert (await work.missions.save(saving(medium, renamed))).revision == 2
    with pytest.raises(Problem) as stale:
        await work.missions.save(saving(medium, saved.model_copy(update={"name": "Kine"})))
    assert (stale.value.code, stale.value.params["revision"]) == ("mission_changed", 2)
    assert await published(stores, cows.id) == [1, 2]


@pytest.mark.servers
async def test_concurrent_saves_have_one_winner(medium: Any, work: Any) -> None:
    saved = await work.missions.save(saving(medium, mission(id=new_id("m"), name="Cows")))
    names = [saved.model_copy(update={"name": f"Cows {number}"}) for number in range(4)]

    answers = await asyncio.gather(*(work.missions.save(saving(medium, one)) for one in names), return_exceptions=True)

    assert sorted(getattr(answer, "code", "") for answer in answers) == ["", *["mission_changed"] * 3]


@pytest.mark.servers
async def test_names_and_ids_of_missions_are_unique(medium: Any, work: Any) -> None:
    cows = mission(id=new_id("m"), name="Cows")
    await work.missions.save(saving(medium, cows))

    async def refusal(submitted: SaveMission) -> str:
        with pytest.raises(Problem) as refused:
            await work.missions.save(submitted)
        return refused.value.code

    assert await refusal(saving(medium, cows.model_copy(update={"id": new_id("m")}))) == "mission_name_taken"
    foreign = cows.model_copy(update={"name": "Other"})
    assert await refusal(SaveMission(project_id=new_id("p"), mission=foreign)) == "mission_not_found"
    assert await refusal(saving(medium, mission(id=new_id("m"), name="New", revision=3))) == "mission_is_new"


@pytest.mark.servers
async def test_concurrent_missions_cannot_share_a_name(medium: Any, work: Any) -> None:
    same = [saving(medium, mission(id=new_id("m"), name="Cows")) for _ in range(4)]

    answers = await asyncio.gather(*map(work.missions.save, same), return_exceptions=True)

    assert sorted(getattr(answer, "code", "") for answer in answers) == ["", *["mission_name_taken"] * 3]


@pytest.mark.servers
async def test_detected_labels_become_categories_once(stores: Any) -> None:
    project_id = new_id("p")

    found = await asyncio.gather(*(stores.ontologies.ensure_categories(project_id, ["dog", "cat"]) for _ in range(4)))

    detection = (await stores.ontologies.missions(project_id))[0]
    names = [one.name for one in detection.categories]
    assert sorted(names) == ["Bicycle", "Pedestrian", "Scooter", "Vehicle", "cat", "dog"]
    assert (found[0], detection.revision) == (detection, 1)
    assert await published(stores, detection.id) == [0, 1]


async def labeled(medium: Any, edits: Any, work: Any, mission_id: str, *kinds: tuple[str, str | None]) -> list[str]:
    creations = [edits.create(new_id("o"), mission=mission_id, category=name, type=type_id) for name, type_id in kinds]
    results = await work.editing.apply(medium.batch(*creations))
    assert [result.reason for result in results] == [None] * len(kinds)
    return [edit.object for edit in creations]


@pytest.mark.servers
async def test_renaming_changes_no_object(medium: Any, edits: Any, work: Any, stores: Any) -> None:
    saved = await work.missions.save(saving(medium, mission(*CARS.categories, id=new_id("m"))))
    (one,) = await labeled(medium, edits, work, saved.id, ("Car", "SUV"))
    auto = saved.categories[0].model_copy(update={"name": "Auto"})

    renamed = saved.model_copy(update={"categories": [auto, saved.categories[1]]})
    await work.missions.save(saving(medium, renamed))

    (state,) = await stores.objects.read(medium.project_id, medium.media_id)
    assert (state.id, state.revision, state.category) == (one, 1, "Car")
    await labeled(medium, edits, work, saved.id, ("Auto", "SUV"))


@pytest.mark.servers
async def test_a_class_in_use_cannot_be_removed_without_a_target(
    medium: Any, edits: Any, work: Any, stores: Any
) -> None:
    saved = await work.missions.save(saving(medium, mission(*CARS.categories, id=new_id("m"))))
    suv, car, dog, gone = await labeled(
        medium, edits, work, saved.id, ("Car", "SUV"), ("Car", None), ("Dog", None), ("Dog", None)
    )
    await medium.apply(Delete(id=new_id("e"), object=gone, base_revision=1))
    uses = await work.by_class.uses(medium.project_id, saved.id)
    assert {(one.category, one.type, one.objects) for one in uses} == {
        ("Car", "SUV", 1), ("Car", None, 1), ("Dog", None, 1),
    }  # fmt: skip
    submitted = saved.model_copy(update={"categories": [category("Tank"), saved.categories[1]]})

    with pytest.raises(Problem) as refused:
        await work.missions.save(saving(medium, submitted))
    assert refused.value.params["objects"] == 2
    done = await work.missions.save(saving(medium, submitted, CategoryMove(category="Car", to_category="Tank")))

    assert [one.name for one in done.categories] == ["Tank", "Dog"]
    assert await work.missions.save(saving(medium, submitted)) == done
    states = {one.id: one for one in await stores.objects.read(medium.project_id, medium.media_id)}
    assert {one: (states[one].category, states[one].revision, states[one].author) for one in (suv, car, dog)} == {
        suv: ("Tank", 2, "ada"), car: ("Tank", 2, "ada"), dog: ("Dog", 1, "ada"),
    }  # fmt: skip
    moved = await stores.mongo.changes.find({"object_id": {"$in": [suv, car]}, "revision": 2}).to_list(None)
    assert {one["verb"] for one in moved} == {"set_category"}
    assert len({one["operation"] for one in moved}) == 1


@pytest.mark.servers
async def test_an_interrupted_change_continues_when_repeated(medium: Any, edits: Any, work: Any, stores: Any) -> None:
    saved = await work.missions.save(saving(medium, mission(*CARS.categories, id=new_id("m"))))
    await labeled(medium, edits, work, saved.id, *[("Car", None)] * 3)
    submitted = saving(
        medium,
        saved.model_copy(update={"categories": [category("Tank")]}),
        CategoryMove(category="Car", to_category="Tank"),
    )
    await work.missions.save_once(submitted)  # killed before the first object moved

    (between,) = [one for one in await stores.ontologies.missions(medium.project_id) if one.id == saved.id]
    assert [one.name for one in between.categories] == ["Tank", "Car"]
    done = await work.missions.save(submitted)

    assert [one.name for one in done.categories] == ["Tank"]
    states = await stores.objects.read(medium.project_id, medium.media_id)
    assert {(one.category, one.revision) for one in states} == {("Tank", 2)}


@pytest.mark.servers
async def test_moved_objects_of_runs_stay_automatic(medium: Any, edits: Any, work: Any, stores: Any) -> None:
    saved = await work.missions.save(saving(medium, mission(*CARS.categories, id=new_id("m"))))
    machine = edits.create(new_id("o"), mission=saved.id, category="Dog", source="model")
    await work.editing.apply(medium.batch(machine, automatic=True))

    submitted = saved.model_copy(update={"categories": saved.categories[:1]})
    await work.missions.save(saving(medium, submitted, CategoryMove(category="Dog", to_category="Car")))

    document = await stores.mongo.objects.find_one({"_id": machine.object})
    assert (document["category"], document["by_person"]) == ("Car", False)


@pytest.mark.servers
async def test_a_deleted_mission_moves_its_objects_and_stays_deleted(
    medium: Any, edits: Any, work: Any, stores: Any
) -> None:
    sign = mission_id(medium.project_id, "Traffic Sign and Light")
    other = await work.missions.save(saving(medium, mission(category("Sign"), id=new_id("m"), name="Signs")))
    await labeled(medium, edits, work, sign, ("Sign", "Stop"))
    about = {"project_id": medium.project_id, "mission_id": sign, "author": "ada"}

    with pytest.raises(Problem) as refused:
        await work.missions.delete(DeleteMission(**about))
    assert "Sign, Stop" in refused.value.message
    with pytest.raises(Problem):
        await work.missions.delete(DeleteMission(**about, to_mission=sign))
    for _ in range(2):
        await work.missions.delete(DeleteMission(**about, to_mission=other.id))

    (state,) = await stores.objects.read(medium.project_id, medium.media_id)
    assert (state.mission, state.category, state.type) == (other.id, "Sign", None)
    assert sign not in {one.id for one in await stores.ontologies.missions(medium.project_id)}
    assert await published(stores, sign) == [0, 1]
    with pytest.raises(Problem) as late:
        await work.missions.save(saving(medium, mission(id=sign, name="Back")))
    assert late.value.code == "mission_deleted"
    # Its name is free again.
    await work.missions.save(saving(medium, mission(id=new_id("m"), name="Traffic Sign and Light")))


@pytest.mark.servers
async def test_the_detection_mission_cannot_be_deleted_nor_other_projects_read(medium: Any, work: Any) -> None:
    async def refusal(project_id: str) -> str:
        detection = mission_id(medium.project_id, OBJECT_DETECTION)
        with pytest.raises(Problem) as refused:
            await work.missions.delete(DeleteMission(project_id=project_id, mission_id=detection))
        return refused.value.code

    assert await refusal(medium.project_id) == "detection_mission_required"
    assert await refusal(new_id("p")) == "mission_not_found"


@pytest.mark.servers
async def test_new_names_are_accepted_at_once(medium: Any, edits: Any, work: Any, stores: Any) -> None:
    before = await stores.ontologies.ontology(medium.project_id)
    assert await stores.ontologies.ontology(medium.project_id) is before
    assert await stores.ontologies.ontology(medium.project_id, fresh=True) is not before

    saved = await work.missions.save(saving(medium, mission(category("Cow"), id=new_id("m"))))

    await labeled(medium, edits, work, saved.id, ("Cow", None))


@pytest.mark.servers
async def test_no_change_of_a_mission_scans_a_collection(
    medium: Any, edits: Any, work: Any, stores: Any, no_scan: Any
) -> None:
    async with no_scan() as queries:
        saved = await work.missions.save(saving(medium, mission(*CARS.categories, id=new_id("m"))))
        await labeled(medium, edits, work, saved.id, ("Car", "SUV"), ("Dog", None))
        fewer = saved.model_copy(update={"categories": saved.categories[:1]})
        await work.missions.save(saving(medium, fewer, CategoryMove(category="Dog", to_category="Car")))
        to_mission = mission_id(medium.project_id, OBJECT_DETECTION)
        about = {"project_id": medium.project_id, "mission_id": saved.id, "to_mission": to_mission}
        moves = [CategoryMove(category="Car", to_category="Vehicle", to_type="Bus")]
        await work.missions.delete(DeleteMission(**about, moves=moves))
        await work.by_class.uses(medium.project_id)
    assert len(queries) > 3
    states = await stores.objects.read(medium.project_id, medium.media_id)
    assert {(one.category, one.type) for one in states} == {("Vehicle", "Bus")}
