"""The polygon tool: drawing a polygon point by point, editing its vertices, adding parts and holes."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import expect

from tests.browser.visitor import LabelingScreen
from tests.person import Json, Person

pytestmark = [pytest.mark.browser, pytest.mark.servers]

Point = tuple[float, float]
SQUARE: list[Point] = [(100, 80), (220, 80), (220, 200), (100, 200)]
# Screen pixels are rounded.
TOLERANCE = 1.5


async def place(screen: LabelingScreen, points: list[Point]) -> None:
    for point in points:
        await screen.click(*point)


async def draw(screen: LabelingScreen, points: list[Point]) -> None:
    """Draw a polygon and return to the selection; it stays selected."""
    await screen.press("p")
    await place(screen, points)
    await screen.press("Enter")
    await screen.press("Escape")


async def right_click(screen: LabelingScreen, x: float, y: float) -> None:
    await screen.page.mouse.click(*await screen.at(x, y), button="right")


async def shape(screen: LabelingScreen, person: Person, video: str) -> list[Json]:
    """The parts of the only object on its only frame, once they are saved."""
    await screen.saved()
    [polygon] = await person.objects(video)
    [keyframe] = polygon["keyframes"]
    assert keyframe["geometry"]["kind"] == "polygon"
    parts: list[Json] = keyframe["geometry"]["parts"]
    return parts


def is_close(ring: list[list[float]], points: list[Point]) -> bool:
    return len(ring) == len(points) and all(
        abs(x - wanted_x) <= TOLERANCE and abs(y - wanted_y) <= TOLERANCE
        for (x, y), (wanted_x, wanted_y) in zip(ring, points, strict=True)
    )


async def double_click(screen: LabelingScreen) -> None:
    await screen.page.mouse.dblclick(*await screen.at(*SQUARE[-1]))


async def enter(screen: LabelingScreen) -> None:
    await screen.click(*SQUARE[-1])
    await screen.press("Enter")


async def first_point(screen: LabelingScreen) -> None:
    await screen.click(*SQUARE[-1])
    await screen.click(*SQUARE[0])


@pytest.mark.parametrize("close", [double_click, enter, first_point])
async def test_closing_a_polygon_creates_an_object(
    screen: LabelingScreen, person: Person, video: str, close: Callable[[LabelingScreen], Awaitable[None]]
) -> None:
    await screen.press("p")
    await place(screen, SQUARE[:-1])
    await expect(screen.objects).to_have_count(0)
    await close(screen)

    await expect(screen.object("Vehicle")).to_have_count(1)
    [part] = await shape(screen, person, video)
    assert is_close(part["outer"], SQUARE)
    assert part["holes"] == []
    await screen.press("Control+z")
    await expect(screen.objects).to_have_count(0)


async def test_the_tool_stays_and_new_objects_get_the_last_category(screen: LabelingScreen) -> None:
    await screen.press("p")
    await place(screen, SQUARE)
    await screen.press("Enter")
    await expect(screen.object("Vehicle")).to_have_count(1)
    await screen.press("2")
    await expect(screen.object("Pedestrian")).to_have_count(1)

    await place(screen, [(300, 80), (400, 80), (400, 160)])
    await screen.press("Enter")
    await expect(screen.object("Pedestrian")).to_have_count(2)
    await place(screen, [(450, 80), (550, 80)])
    await screen.press("4")
    await screen.click(550, 160)
    await screen.press("Enter")

    await expect(screen.object("Bicycle")).to_have_count(1)


async def test_points_are_removed_one_by_one_and_escape_discards_the_polygon(
    screen: LabelingScreen, person: Person, video: str
) -> None:
    await screen.press("p")
    await place(screen, [*SQUARE[:-1], (400, 300), (420, 310)])
    await screen.press("Backspace")
    await right_click(screen, 420, 310)
    await screen.click(*SQUARE[-1])
    await screen.press("Enter")
    [part] = await shape(screen, person, video)
    assert is_close(part["outer"], SQUARE)

    await place(screen, [(300, 80), (400, 80), (400, 160)])
    await screen.press("Escape")
    await screen.press("Enter")
    await place(screen, [(300, 80), (400, 80)])
    await screen.press("Enter")
    await expect(screen.page.get_by_text("An outline needs at least 3 points.")).to_be_visible()
    await expect(screen.objects).to_have_count(1)


async def test_a_polygon_that_crosses_itself_is_not_closed(screen: LabelingScreen) -> None:
    await screen.press("p")
    await place(screen, [(100, 80), (220, 200), (220, 80), (100, 200)])
    await screen.press("Enter")

    await expect(screen.page.get_by_text("The outline can't cross or touch itself.")).to_be_visible()
    await expect(screen.objects).to_have_count(0)
    await screen.press("Backspace")
    await screen.press("Enter")
    await expect(screen.objects).to_have_count(1)


async def test_a_vertex_is_dragged_inserted_and_removed_and_each_is_undone(
    screen: LabelingScreen, person: Person, video: str
) -> None:
    await draw(screen, SQUARE)
    [before] = await shape(screen, person, video)

    await screen.drag((220, 200), (260, 240))
    [part] = await shape(screen, person, video)
    assert is_close(part["outer"], [*SQUARE[:2], (260, 240), SQUARE[3]])
    await screen.press("Control+z")
    assert await shape(screen, person, video) == [before]

    await screen.page.mouse.move(*await screen.at(160, 80))
    await expect(screen.canvas).to_have_css("cursor", "copy")
    await screen.drag((160, 80), (160, 50))
    [part] = await shape(screen, person, video)
    assert is_close(part["outer"], [SQUARE[0], (160, 50), *SQUARE[1:]])
    await screen.press("Delete")
    assert await shape(screen, person, video) == [before]
    await screen.press("Control+z")
    [part] = await shape(screen, person, video)
    assert len(part["outer"]) == 5

    await right_click(screen, 100, 200)
    [part] = await shape(screen, person, video)
    assert is_close(part["outer"], [SQUARE[0], (160, 50), *SQUARE[1:3]])
    await screen.press("Control+z")
    await screen.press("Control+z")
    assert await shape(screen, person, video) == [before]


async def test_a_vertex_does_not_cross_an_edge(screen: LabelingScreen, person: Person, video: str) -> None:
    await draw(screen, SQUARE)
    [before] = await shape(screen, person, video)

    await screen.drag((100, 80), (300, 140))

    await expect(screen.page.get_by_text("The outline can't cross or touch itself.")).to_be_visible()
    assert await shape(screen, person, video) == [before]


async def test_a_polygon_gets_a_part_and_a_hole_and_each_is_undone(
    screen: LabelingScreen, person: Person, video: str
) -> None:
    await draw(screen, SQUARE)
    [before] = await shape(screen, person, video)

    await screen.page.get_by_role("button", name="Add part").click()
    other: list[Point] = [(300, 80), (360, 80), (360, 140)]
    await place(screen, other)
    await screen.press("Enter")
    first, second = await shape(screen, person, video)
    assert first == before
    assert is_close(second["outer"], other)

    await screen.press("Shift+h")
    hole: list[Point] = [(130, 110), (190, 110), (190, 170)]
    await place(screen, hole)
    await screen.click(*hole[0])
    first, _ = await shape(screen, person, video)
    assert is_close(first["holes"][0], hole)
    await expect(screen.objects).to_have_count(1)

    await screen.press("Control+z")
    assert await shape(screen, person, video) == [before, second]
    await screen.press("Control+z")
    assert await shape(screen, person, video) == [before]


async def test_a_hole_lies_inside_the_polygon(screen: LabelingScreen, person: Person, video: str) -> None:
    await draw(screen, SQUARE)
    await screen.press("Shift+h")
    await place(screen, [(200, 150), (300, 150), (300, 180)])
    await screen.press("Enter")

    await expect(screen.page.get_by_text("A hole must lie inside one part of the polygon.")).to_be_visible()
    [part] = await shape(screen, person, video)
    assert part["holes"] == []


async def test_moving_a_polygon_on_another_frame_adds_a_keyframe(
    screen: LabelingScreen, person: Person, video: str
) -> None:
    await draw(screen, SQUARE)
    await screen.step("v", to=11)
    await screen.drag((160, 140), (200, 160))
    await screen.saved()

    [polygon] = await person.objects(video)
    assert [keyframe["frame"] for keyframe in polygon["keyframes"]] == [0, 10]
    outer = polygon["keyframes"][1]["geometry"]["parts"][0]["outer"]
    assert is_close(outer, [(x + 40, y + 20) for x, y in SQUARE])
