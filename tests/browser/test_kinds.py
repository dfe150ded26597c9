"""Labels of every kind on the labeling screen, and labels of the whole medium."""

import pytest
from playwright.async_api import expect

from tests.browser.visitor import WAIT_MS, LabelingScreen, Visitor
from tests.person import Json, Person, create, new_id

pytestmark = [pytest.mark.browser, pytest.mark.servers]

Point = tuple[float, float]
# A shape of each kind, and a point by which it can be dragged.
KINDS: list[tuple[Json, Point]] = [
    ({"kind": "bbox", "x1": 20, "y1": 30, "x2": 100, "y2": 80, "rotation": 20}, (60, 55)),
    (
        {"kind": "polygon", "parts": [{"outer": [[120, 30], [200, 30], [200, 90], [120, 90]], "holes": []}]},
        (190, 80),
    ),
    ({"kind": "polyline", "points": [[220, 30], [260, 80], [300, 30]]}, (240, 55)),
    ({"kind": "points", "points": [[330, 40], [380, 70]]}, (330, 40)),
    ({"kind": "bitmap", "x": 420, "y": 30, "width": 40, "height": 30, "runs": [0, 1200]}, (440, 45)),
    ({"kind": "circle", "cx": 540, "cy": 60, "r": 30}, (540, 60)),
    ({"kind": "ellipse", "cx": 70, "cy": 180, "rx": 40, "ry": 20, "rotation": 30}, (70, 180)),
    ({"kind": "line", "x1": 140, "y1": 150, "x2": 220, "y2": 210, "dashed": True}, (180, 180)),
    (
        {
            "kind": "cuboid",
            "points": [[260, 160], [310, 160], [310, 220], [260, 220], [280, 145], [330, 145], [330, 200], [280, 200]],
        },
        (290, 190),
    ),
    ({"kind": "rpy", "x": 400, "y": 190, "angles": {"roll": 0, "pitch": 10, "yaw": 60}}, (400, 190)),
    (
        {
            "kind": "skeleton",
            "keypoints": [{"name": "head", "x": 520, "y": 150}, {"name": "foot", "x": 520, "y": 220, "visible": False}],
        },
        (520, 150),
    ),
]
RIGHT = 15


def create_shape(geometry: Json, category: str = "Vehicle") -> Json:
    """An edit that creates an object of any kind on the first frame."""
    return create(category=category) | {"keyframes": [{"frame": 0, "geometry": geometry}]}


async def mission_of(person: Person, project: str) -> Json:
    """Object Detection, with a category that has a skeleton template of two keypoints."""
    missions = (await person.ask("GET", f"/projects/{project}/missions"))["items"]
    mission: Json = next(mission for mission in missions if mission["name"] == "Object Detection")
    template = {"names": ["head", "foot"], "edges": [["head", "foot"]]}
    mission["categories"].append({"name": "Person", "color": "#e26d8a", "joints": template})
    saved: Json = await person.ask("POST", f"/projects/{project}/missions", json=mission)
    return saved


def left_of(geometry: Json) -> float:
    """The x coordinate of a shape."""
    for name in ("x1", "cx", "x"):
        if name in geometry:
            return float(geometry[name])
    points = geometry["parts"][0]["outer"] if "parts" in geometry else geometry.get("points")
    return float(points[0][0] if points else geometry["keypoints"][0]["x"])


async def test_shapes_of_all_kinds_are_selected_and_moved(
    ada: Visitor, person: Person, project: str, video: str
) -> None:
    await mission_of(person, project)
    edits = [create_shape(shape, "Person" if shape["kind"] == "skeleton" else "Vehicle") for shape, _ in KINDS]
    assert {result["status"] for result in await person.edit(video, *edits)} == {"applied"}
    screen = await LabelingScreen.open(ada.page, video)
    await expect(screen.objects).to_have_count(len(KINDS))

    for _, (x, y) in KINDS:
        await screen.press("Escape")
        await screen.drag((x, y), (x + RIGHT, y))
    await screen.saved()

    moved = {item["id"]: item for item in await person.objects(video)}
    for edit, (shape, _) in zip(edits, KINDS, strict=True):
        geometry = moved[edit["object"]]["keyframes"][0]["geometry"]
        assert geometry["kind"] == shape["kind"]
        assert left_of(geometry) == pytest.approx(left_of(shape) + RIGHT, abs=1.5), shape["kind"]


async def test_a_renamed_category_shows_its_new_name_at_once(
    ada: Visitor, person: Person, project: str, video: str
) -> None:
    screen = await LabelingScreen.open(ada.page, video)
    await screen.draw((40, 60), (140, 120))
    await expect(screen.object("Vehicle")).to_have_count(1)

    mission = await mission_of(person, project)
    mission["categories"][0]["name"] = "Automobile"
    await person.ask("POST", f"/projects/{project}/missions", json=mission)

    await expect(screen.object("Automobile")).to_have_count(1)
    await screen.saved()
    assert (await person.objects(video))[0]["category"] == "Vehicle"


async def test_labels_of_the_whole_file_are_listed_and_one_is_the_default(
    ada: Visitor, person: Person, project: str, video: str
) -> None:
    for category in ("Vehicle", "Pedestrian"):
        label = {"action": "add", "category": category, "mission": "Object Detection", "media": [video]}
        await person.ask("POST", f"/projects/{project}/labels", json=label)
    screen = await LabelingScreen.open(ada.page, video)
    await expect(screen.page.get_by_role("button", name="Default label", exact=True)).to_have_count(1)
    other = screen.objects.filter(has=screen.page.get_by_role("button", name="Set as default label"))
    name = await other.inner_text()

    await other.get_by_role("button", name="Set as default label").click()
    await screen.saved()

    preferred = max(await person.objects(video), key=lambda item: float(item["preferred_at"] or 0))
    assert preferred["category"] == name.strip()
    await screen.press("Control+z")
    await screen.saved()
    assert all(item["preferred_at"] is None for item in await person.objects(video) if item["category"] == name.strip())


async def test_a_mutable_attribute_is_set_from_the_current_frame_on(
    ada: Visitor, person: Person, project: str, video: str
) -> None:
    mission = await mission_of(person, project)
    signal = {"name": "Signal", "kind": "select", "values": ["Left", "Right"], "mutable": True}
    mission["categories"][0]["attributes"].append(signal)
    await person.ask("POST", f"/projects/{project}/missions", json=mission)
    screen = await LabelingScreen.open(ada.page, video)
    await screen.draw((40, 60), (140, 120))
    await screen.step("v", to=11)

    await screen.page.get_by_label("Signal").select_option("Left")
    await screen.saved()

    [labeled] = await person.objects(video)
    assert [(keyframe["frame"], keyframe["attributes"]) for keyframe in labeled["keyframes"]] == [
        (0, {}),
        (10, {"Signal": "Left"}),
    ]
    await screen.step("c", to=1)
    await expect(screen.page.get_by_label("Signal")).to_have_value("")


async def test_quick_label_fills_the_frames_between_two_boxes(ada: Visitor, person: Person, video: str) -> None:
    screen = await LabelingScreen.open(ada.page, video)
    quick_label = screen.page.get_by_role("button", name="Quick label", exact=True)
    await screen.draw((200, 100), (300, 200))
    await expect(quick_label).to_be_disabled()
    await quick_label.click(force=True)
    await expect(screen.page.get_by_text("Set the box on at least two frames")).to_be_visible()
    await screen.press("v")
    await screen.step("v", to=21)
    await screen.press("k")

    await quick_label.click()
    await expect(screen.page.get_by_role("img", name="Quick label finished.")).to_be_visible(timeout=90_000)

    def has_quick_keyframes(page: Json) -> bool:
        return any(keyframe["source"] == "quick" for keyframe in page["items"][0]["keyframes"])

    # The keyframes are added after the run is done.
    [labeled] = (await person.until(f"/media/{video}/objects", has_quick_keyframes))["items"]
    keyframes = labeled["keyframes"]
    manual = [(key["frame"], key["source"]) for key in keyframes if key["source"] != "quick"]
    assert manual == [(0, "manual"), (20, "manual")]
    assert all(0 < key["frame"] < 20 for key in keyframes if key["source"] == "quick")


async def test_a_mission_is_edited_but_used_categories_cannot_be_removed(
    ada: Visitor, person: Person, project: str, video: str
) -> None:
    await person.edit(video, create() | {"id": new_id()})
    page = ada.page
    await page.goto(f"/label/{video}")
    card = page.locator(".mission").filter(has_text="Object Detection")
    await card.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Car, Truck").click()
    await dialog.get_by_role("button", name="Add attribute").click()
    await dialog.get_by_label("Name", exact=True).last.fill("Speed")
    await dialog.get_by_label("Attribute type").last.select_option("number")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)

    missions = (await person.ask("GET", f"/projects/{project}/missions"))["items"]
    saved = next(mission for mission in missions if mission["name"] == "Object Detection")["categories"][0]
    assert saved["attributes"][-1] | {"id": "Speed", "kind": "number", "mutable": False} == saved["attributes"][-1]
    await card.get_by_role("button", name="Edit").click()
    await dialog.get_by_role("button", name="Remove Vehicle").click()
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Vehicle", timeout=WAIT_MS)
