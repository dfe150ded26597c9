"""Objects as readers return them."""

from pydantic import Field

from common.contract.labels import Attributes, Behavior, Id, Keyframe, Score, Source
from common.contract.model import Model


class SourceIds(Model):
    """The ids behind an object's names, where a file has them: attributes and behaviors by name."""

    mission: str | None = None
    category: str | None = None
    type: str | None = None
    attributes: dict[str, str] = {}
    behaviors: dict[str, str] = {}


class ImportedObject(Model):
    """An object of a medium, with names instead of ids.

    `where` is its location in the archive, for people. `uid` is the id of the exported object, if it came from this
    project.
    """

    where: str
    media_id: Id
    mission: str | None = None
    category: str = Field(min_length=1, max_length=200)
    type: str | None = Field(default=None, max_length=200)
    attributes: Attributes = {}
    keyframes: list[Keyframe] = Field(min_length=1)
    behaviors: list[Behavior] = []
    group: Id | None = None
    z_order: int = Field(default=0, ge=-1_000_000, le=1_000_000)
    done: bool = False
    source: Source = "import"
    run_id: Id | None = None
    model: str | None = Field(default=None, max_length=200)
    score: Score | None = None
    default: bool = False
    ids: SourceIds = SourceIds()
    uid: Id | None = None

    @property
    def kind(self) -> str:
        """The kind of its geometry."""
        return self.keyframes[0].geometry.kind
