"""Work sessions, labeling time and statistics: members see what their role allows."""

from typing import Any

import pytest

from common.contract import questions
from tests.gateway.conftest import Person
from tests.gateway.stub_services import StubServices

pytestmark = pytest.mark.servers


def session_of(asked: questions.Heartbeat) -> questions.WorkSession:
    times = {"opened_at": 0.0, "active_at": 0.0, "expires_at": 3600.0}
    given = asked.model_dump(include={"project_id", "user_id", "media_id", "clip", "exclusive"})
    return questions.WorkSession.model_validate(given | times | {"id": asked.session_id, "state": "open"})


async def test_a_work_session_is_kept_alive_and_closed(services: StubServices, ada: Person, project: str) -> None:
    await services.answer(
        questions.Heartbeat,
        lambda asked: questions.WorkState(session=session_of(asked), others=[], held_by=asked.user_id),
    )
    await services.answer(questions.CloseSession, questions.Empty())
    medium = f"m-{project}"

    beat = await ada.http.post(
        f"/projects/{project}/work/w1/heartbeat", json={"media": medium, "clip": 2, "idle_s": 3.5, "exclusive": True}
    )
    closed = await ada.http.delete(f"/projects/{project}/work/w1")

    asked = services.last(questions.Heartbeat)
    assert (beat.json()["session"]["id"], beat.json()["held_by"]) == ("w1", ada.id)
    assert (asked.user_id, asked.media_id, asked.clip, asked.idle_s, asked.exclusive) == (ada.id, medium, 2, 3.5, True)
    assert (closed.status_code, services.last(questions.CloseSession).user_id) == (204, ada.id)


@pytest.mark.parametrize("body", ['{"idle_s": -1}', '{"idle_s": NaN}', '{"clip": -1}', '{"media": "../x"}'])
async def test_invalid_heartbeats_are_refused(services: StubServices, ada: Person, project: str, body: str) -> None:
    answer = await ada.http.post(
        f"/projects/{project}/work/w1/heartbeat", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422


async def test_work_sessions_are_listed(services: StubServices, ada: Person, project: str) -> None:
    beat = questions.Heartbeat(session_id="w1", project_id=project, user_id=ada.id)
    await services.answer(questions.ListSessions, questions.WorkSessions(items=[session_of(beat)]))

    answer = await ada.http.get(f"/projects/{project}/work", params={"media": f"m-{project}"})

    assert [session["user_id"] for session in answer.json()["items"]] == [ada.id]
    assert services.last(questions.ListSessions).media_id == f"m-{project}"


def entries(*users: str) -> questions.TimeEntries:
    return questions.TimeEntries(
        items=[questions.TimeEntry(user_id=user, day="2026-01-31", seconds=60.5, edits=7) for user in users]
    )


async def test_labelers_see_their_own_time_and_admins_everyones(
    services: StubServices, ada: Person, eve: Person, project: str
) -> None:
    await services.answer(questions.ReadLabelingTime, entries(ada.id))
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email})
    path = f"/projects/{project}/labeling-time"

    await ada.http.get(path, params={"since": "2026-01-01", "until": "2026-02-01", "limit": 7})
    everybody = services.last(questions.ReadLabelingTime)
    await ada.http.get(path, params={"user": eve.id})
    other = services.last(questions.ReadLabelingTime)
    await eve.http.get(path)
    own = services.last(questions.ReadLabelingTime)
    curious = await eve.http.get(path, params={"user": ada.id})

    assert (everybody.user_id, other.user_id, own.user_id) == (None, eve.id, eve.id)
    assert (everybody.since, everybody.until, everybody.page.limit) == ("2026-01-01", "2026-02-01", 7)
    assert curious.status_code == 403


@pytest.mark.parametrize("asked", [{"headers": {"Accept": "text/csv"}}, {"params": {"format": "csv"}}])
async def test_labeling_time_is_exported_as_csv(
    services: StubServices, ada: Person, project: str, asked: dict[str, Any]
) -> None:
    def page(question: questions.ReadLabelingTime) -> questions.TimeEntries:
        more = {None: "second", "second": None}[question.page.cursor]
        return entries(ada.id if more else "=cmd|' /C calc'!A0").model_copy(update={"next_cursor": more})

    await services.answer(questions.ReadLabelingTime, page)

    answer = await ada.http.get(f"/projects/{project}/labeling-time", **asked)

    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.splitlines() == [
        "user,name,day,seconds,edits",
        f"{ada.id},Ada,2026-01-31,60.5,7",
        "\t=cmd|' /C calc'!A0,,2026-01-31,60.5,7",
    ]


async def test_statistics_are_counted_by_two_dimensions(services: StubServices, ada: Person, project: str) -> None:
    rows = [
        questions.StatisticsRow(of=["=Car", "manual"], value=12),
        questions.StatisticsRow(of=["Van", None], value=3),
    ]
    await services.answer(questions.ReadStatistics, questions.StatisticsRows(rows=rows))
    asked = {"by": ["category", "source"], "category": "Car", "person": "u1", "since": "2026-01-01"}

    answer = await ada.http.get(f"/projects/{project}/statistics", params=asked)
    question = services.last(questions.ReadStatistics)
    table = await ada.http.get(f"/projects/{project}/statistics", params=asked | {"format": "csv"})

    assert answer.json() == {"rows": [row.model_dump() for row in rows]}
    assert (question.measure, question.by, question.category) == ("objects", ["category", "source"], "Car")
    assert (question.person, question.since, question.until) == ("u1", "2026-01-01", None)
    assert table.text.splitlines() == ["category,source,objects", "\t=Car,manual,12.0", "Van,,3.0"]


async def test_labelers_count_only_their_own_seconds(
    services: StubServices, ada: Person, eve: Person, project: str
) -> None:
    await services.answer(questions.ReadStatistics, questions.StatisticsRows(rows=[]))
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email})
    path = f"/projects/{project}/statistics"

    await eve.http.get(path, params={"measure": "seconds"})
    own = services.last(questions.ReadStatistics)
    curious = await eve.http.get(path, params={"measure": "seconds", "person": ada.id})
    await ada.http.get(path, params={"measure": "seconds"})

    assert (own.person, curious.status_code, services.last(questions.ReadStatistics).person) == (eve.id, 403, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"by": ["category", "source", "day"]}, "by"),
        ({"by": "colour"}, "by.0"),
        ({"measure": "happiness"}, "measure"),
        ({"since": "yesterday"}, "since"),
    ],
)
async def test_invalid_statistics_name_the_field(
    services: StubServices, ada: Person, project: str, asked: dict[str, list[str]], field: str
) -> None:
    answer = await ada.http.get(f"/projects/{project}/statistics", params=asked)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
