"""Work sessions, the holder of a medium, and labeling time."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from annotation.domain.sessions import DayPart, Session, day_parts, held_by, work_state
from annotation.sessions.labeling_time import LabelingTimeRepository
from annotation.sessions.service import SessionService
from common.contract import questions
from common.contract.errors import ErrorKind, Problem
from common.service.ids import new_id
from common.storage.cursor import encode_cursor

NOW = 1_000_000.0
# 2026-03-01T12:00:00Z
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC).timestamp()


def session(session_id: str, **more: Any) -> Session:
    about: dict[str, Any] = {
        "id": session_id, "project_id": "p", "user_id": f"user-{session_id}", "media_id": "m", "clip": 0,
        "exclusive": False, "opened_at": NOW - 100, "active_at": NOW, "beat_at": NOW, "since": NOW - 100,
    }  # fmt: skip
    return Session(**(about | more))


@pytest.mark.parametrize(
    ("active_before_s", "closed", "state"),
    [(0, False, "open"), (3599.9, False, "open"), (3600, False, "expired"), (0, True, "closed"), (9e9, True, "closed")],
)
def test_a_session_expires_one_hour_after_the_last_activity(active_before_s: float, closed: bool, state: str) -> None:
    one = session("a", active_at=NOW - active_before_s, closed=closed)

    assert one.state(NOW) == state
    assert one.as_work_session(NOW).expires_at == one.active_at + 3600


@pytest.mark.parametrize(
    ("sessions", "holder"),
    [
        ([session("a"), session("b")], None),
        ([session("a"), session("b", exclusive=True)], "user-b"),
        ([session("a", exclusive=True, since=NOW - 5), session("b", exclusive=True, since=NOW - 6)], "user-b"),
        ([session("b", exclusive=True), session("a", exclusive=True)], "user-a"),
        ([session("a", exclusive=True, beat_at=NOW - 30)], "user-a"),
        ([session("a", exclusive=True, beat_at=NOW - 31)], None),
        ([session("a", exclusive=True, active_at=NOW - 3600)], None),
        ([session("a", exclusive=True, closed=True)], None),
    ],
)
def test_the_first_exclusive_session_holds_the_medium(sessions: list[Session], holder: str | None) -> None:
    assert held_by(sessions, NOW) == holder


def test_only_sessions_with_a_recent_heartbeat_are_listed() -> None:
    own = session("me")
    late = session("late", opened_at=NOW - 1)
    gone = [session("silent", beat_at=NOW - 31), session("closed", closed=True), session("idle", active_at=NOW - 4000)]

    state = work_state(own, [late, own, session("early"), *gone], NOW)

    assert [one.id for one in state.others] == ["early", "late"]
    assert (state.session.id, state.held_by) == ("me", None)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOON, [DayPart("2026-03-01", NOON - 43200, NOON)]),
        (MIDNIGHT - 1, [DayPart("2026-03-01", MIDNIGHT - 86400, MIDNIGHT - 1)]),
        (
            MIDNIGHT + 10,
            [DayPart("2026-03-01", MIDNIGHT - 86400, MIDNIGHT), DayPart("2026-03-02", MIDNIGHT, MIDNIGHT + 10)],
        ),
        (MIDNIGHT + 60, [DayPart("2026-03-02", MIDNIGHT, MIDNIGHT + 60)]),
    ],
)
def test_time_around_midnight_is_split_between_days(now: float, expected: list[DayPart]) -> None:
    assert day_parts(now) == expected


class Clock:
    """A clock that only advances when a test moves it."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Office:
    """Users at work in a separate project."""

    def __init__(self, stores: Any, work: Any, now: float = NOON) -> None:
        self.clock = Clock(now)
        self.sessions: SessionService = work.sessions(stores, self.clock)
        self.labeling_time: LabelingTimeRepository = work.labeling_time(stores)
        self.project_id, self.media_id = new_id("p"), new_id("m")

    async def beat(self, user: str, window: str = "w", after_s: float = 0.0, **more: Any) -> questions.WorkState:
        self.clock.now += after_s
        about = {"session_id": f"{self.project_id}-{user}-{window}", "project_id": self.project_id, "user_id": user}
        return await self.sessions.heartbeat(
            questions.Heartbeat.model_validate(about | {"media_id": self.media_id} | more)
        )

    async def close(self, user: str, window: str = "w") -> None:
        await self.sessions.close(questions.CloseSession(session_id=f"{self.project_id}-{user}-{window}", user_id=user))

    async def time(self, **more: Any) -> list[questions.TimeEntry]:
        return (await self.labeling_time.page(questions.ReadLabelingTime(project_id=self.project_id, **more))).items

    async def seconds(self, user: str) -> dict[str, float]:
        return {one.day: one.seconds for one in await self.time(user_id=user)}


@pytest.fixture
def open_office(stores: Any, work: Any) -> Callable[..., Office]:
    return lambda now=NOON: Office(stores, work, now)


@pytest.mark.servers
async def test_users_on_a_medium_see_each_other(open_office: Callable[..., Office]) -> None:
    office = open_office()
    await office.beat("ada")
    await office.beat("eve", media_id=new_id("m"))

    state = await office.beat("ben", clip=3)

    assert [(one.user_id, one.state) for one in state.others] == [("ada", "open")]
    assert (state.session.clip, state.session.opened_at, state.session.expires_at) == (3, NOON, NOON + 3600)
    await office.close("ada")
    assert (await office.beat("ben")).others == []
    listed = await office.sessions.open(questions.ListSessions(project_id=office.project_id))
    assert {one.user_id for one in listed} == {"ben", "eve"}
    on_medium = await office.sessions.open(
        questions.ListSessions(project_id=office.project_id, media_id=office.media_id)
    )
    assert [one.user_id for one in on_medium] == ["ben"]


@pytest.mark.servers
async def test_activity_reopens_an_expired_session(open_office: Callable[..., Office]) -> None:
    office = open_office()
    await office.beat("ada")

    for minutes in range(1, 60):
        state = await office.beat("ada", after_s=60, idle_s=60 * minutes)
    assert (state.session.state, state.session.active_at) == ("open", NOON)
    assert (await office.beat("ada", after_s=60, idle_s=3600)).session.state == "expired"
    assert await office.sessions.open(questions.ListSessions(project_id=office.project_id)) == []

    again = (await office.beat("ada", after_s=60)).session
    assert (again.state, again.opened_at) == ("open", NOON + 3660)


@pytest.mark.servers
async def test_a_closed_session_stays_closed_and_keeps_its_owner(open_office: Callable[..., Office]) -> None:
    office = open_office()
    await office.beat("ada", exclusive=True)
    await office.close("ada")

    late = await office.beat("ada", exclusive=True, after_s=1)

    assert (late.session.state, late.held_by) == ("closed", None)
    with pytest.raises(Problem) as refused:
        await office.beat("eve", session_id=f"{office.project_id}-ada-w")
    assert refused.value.kind == ErrorKind.NOT_FOUND


@pytest.mark.servers
async def test_a_medium_is_held_until_its_holder_leaves_or_is_silent(open_office: Callable[..., Office]) -> None:
    office = open_office()
    await office.beat("ada", exclusive=True)

    assert (await office.beat("ben", exclusive=True, after_s=1)).held_by == "ada"
    assert (await office.beat("ada", exclusive=False, after_s=1)).held_by == "ben"
    assert (await office.beat("ada", exclusive=True, after_s=1)).held_by == "ben"
    assert (await office.beat("ada", exclusive=True, after_s=20)).held_by == "ben"
    # Ben's window crashed.
    assert (await office.beat("ada", exclusive=True, after_s=11)).held_by == "ada"
    assert (await office.beat("ben", exclusive=True)).held_by == "ada"


@pytest.mark.servers
async def test_a_session_moving_to_a_held_medium_does_not_hold_it(open_office: Callable[..., Office]) -> None:
    office = open_office()
    await office.beat("ada", exclusive=True, media_id=new_id("m"))
    await office.beat("ben", exclusive=True, after_s=5)

    assert (await office.beat("ada", exclusive=True, after_s=5)).held_by == "ben"


@pytest.mark.servers
async def test_concurrent_sessions_agree_on_the_holder(open_office: Callable[..., Office]) -> None:
    office = open_office()

    await asyncio.gather(*(office.beat(f"user-{number}", exclusive=True) for number in range(5)))
    states = await asyncio.gather(*(office.beat(f"user-{number}", exclusive=True) for number in range(5)))

    assert len({state.held_by for state in states}) == 1


@pytest.mark.servers
async def test_concurrent_first_heartbeats_create_one_session(open_office: Callable[..., Office]) -> None:
    office = open_office()

    states = await asyncio.gather(*(office.beat("ada") for _ in range(6)))

    assert {state.session.state for state in states} == {"open"}
    assert len(await office.sessions.open(questions.ListSessions(project_id=office.project_id))) == 1


@pytest.mark.servers
@pytest.mark.parametrize(
    ("beats", "seconds"),
    [
        pytest.param([(0, 0)], 0, id="first"),
        pytest.param([(0, 0), (10, 0), (10, 0)], 20, id="going on"),
        pytest.param([(0, 0), (10, 0), (0, 0)], 10, id="repeated"),
        pytest.param([(0, 0), (60, 0)], 60, id="longest pause"),
        pytest.param([(0, 0), (61, 0), (10, 0)], 10, id="too long a pause"),
        pytest.param([(0, 0), (10, 60), (10, 61), (10, 71), (10, 0)], 10 + 30, id="idle"),
        pytest.param([(0, 0), (10, 61), (55, 0)], 0, id="idle and away"),
    ],
)
async def test_labeling_time_includes_short_pauses(
    open_office: Callable[..., Office], beats: list[tuple[float, float]], seconds: float
) -> None:
    office = open_office()

    for after_s, idle_s in beats:
        await office.beat("ada", after_s=after_s, idle_s=idle_s)

    assert await office.seconds("ada") == {"2026-03-01": seconds}


@pytest.mark.servers
async def test_several_windows_of_one_user_count_once(open_office: Callable[..., Office]) -> None:
    office = open_office()
    for _ in range(7):
        await asyncio.gather(*(office.beat("ada", window=f"w{number}") for number in range(4)))
        await office.beat("ada", window="w9", after_s=3)
        office.clock.now += 7

    assert await office.seconds("ada") == {"2026-03-01": 63}
    assert await office.seconds("ben") == {}


@pytest.mark.servers
@pytest.mark.parametrize(
    ("last_before_s", "expected"),
    [(5, {"2026-03-01": 5, "2026-03-02": 20}), (40, {"2026-03-01": 40, "2026-03-02": 20}), (70, {"2026-03-02": 5})],
)
async def test_labeling_time_is_split_at_midnight(
    open_office: Callable[..., Office], last_before_s: float, expected: dict[str, float]
) -> None:
    office = open_office(MIDNIGHT - last_before_s)

    await office.beat("ada")
    for after_s in (last_before_s + 15, 0, 5):
        await asyncio.gather(*(office.beat("ada", window=window) for window in "xy")) if after_s == 0 else None
        await office.beat("ada", after_s=after_s)

    assert {day: seconds for day, seconds in (await office.seconds("ada")).items() if seconds} == expected


@pytest.mark.servers
async def test_labeling_time_is_read_by_day_with_edit_counts(
    medium: Any, edits: Any, open_office: Callable[..., Office]
) -> None:
    office = open_office(datetime.now(UTC).timestamp())
    office.project_id = medium.project_id
    today = datetime.fromtimestamp(office.clock.now, UTC).strftime("%Y-%m-%d")
    for _ in range(3):
        await medium.made()
    await medium.apply(edits.create(new_id("o")), author="ben")
    for user in ("ada", "ben", "eve"):
        await office.beat(user)
    yesterday = datetime.fromtimestamp(office.clock.now, UTC) - timedelta(days=1)
    office.clock.now = yesterday.timestamp()
    await office.beat("ada")

    entries = await office.time()

    assert [(one.user_id, one.day == today, one.edits) for one in entries] == [
        ("ada", True, 3), ("ben", True, 1), ("eve", True, 0), ("ada", False, 0),
    ]  # fmt: skip
    assert [one.user_id for one in await office.time(since=today, user_id="ben")] == ["ben"]
    assert [one.day for one in await office.time(until=yesterday.strftime("%Y-%m-%d"))] == [entries[3].day]
    paged: list[questions.TimeEntry] = []
    cursor = None
    while True:
        request = questions.ReadLabelingTime(
            project_id=office.project_id, page=questions.PageRequest(limit=1, cursor=cursor)
        )
        page = await office.labeling_time.page(request)
        paged += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert paged == entries
    with pytest.raises(Problem):
        await office.time(page=questions.PageRequest(cursor="{$gt: ''}"))


@pytest.mark.servers
async def test_sessions_are_deleted_one_day_after_their_end(open_office: Callable[..., Office], stores: Any) -> None:
    office = open_office()
    await office.beat("ada")
    key = {"_id": f"{office.project_id}-ada-w"}

    open_until = (await stores.mongo.sessions.find_one(key))["forget_at"].timestamp()
    await office.close("ada")
    closed_until = (await stores.mongo.sessions.find_one(key))["forget_at"].timestamp()

    assert (open_until, closed_until) == (NOON + 3600 + 86400, NOON + 86400)
    indexes = await stores.mongo.sessions.index_information()
    assert [one["expireAfterSeconds"] for one in indexes.values() if "expireAfterSeconds" in one] == [0]


@pytest.mark.servers
async def test_heartbeats_and_lists_scan_no_collection(
    open_office: Callable[..., Office], stores: Any, no_scan: Any
) -> None:
    office = open_office(MIDNIGHT + 5)
    async with no_scan() as queries:
        await office.beat("ada")
        await office.beat("ada", after_s=10)
        await office.close("ada")
        for media_id in (None, office.media_id):
            await office.sessions.open(questions.ListSessions(project_id=office.project_id, media_id=media_id))
        for more in (
            {},
            {"user_id": "ada"},
            {"since": "2026-01-01", "page": questions.PageRequest(cursor=encode_cursor("2026-03-02", "a"))},
        ):
            await office.time(**more)
    assert queries >= {"sessions", "labeling_time", "changes"}
