"""Objects as writers get them: their stored state with the names of its ids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.contract.labels import ObjectState
from export.dataset.capabilities import Feature
from export.dataset.vocabulary import ResolvedClass


@dataclass(frozen=True, slots=True)
class LabelObject:
    """An object without its keyframes. `state` is as it was stored, with ids; `attributes` are by name."""

    state: ObjectState
    resolved_class: ResolvedClass
    attributes: dict[str, Any]

    @classmethod
    def read(cls, state: Mapping[str, Any], resolved_class: ResolvedClass) -> "LabelObject":
        """From an `ObjectState` as it was parsed from JSON, and the names of its ids.

        Raises:
            ValueError: it is no valid state.
        """
        read = ObjectState.model_validate({**state, "keyframes": []})
        return cls(read, resolved_class, resolved_class.named(read.attributes))

    @property
    def kind(self) -> str:
        """The kind of its shapes."""
        return self.state.annotation_type

    @property
    def mission(self) -> str:
        """Its mission's name."""
        return self.resolved_class.mission.name

    @property
    def category(self) -> str:
        """Its category's name."""
        return self.resolved_class.category.name

    @property
    def type(self) -> str | None:
        """Its type's name."""
        return self.resolved_class.type and self.resolved_class.type.name

    def features(self) -> set[Feature]:
        """The features that it has, without those of its keyframes."""
        state = self.state
        has = {
            Feature.TYPES: state.type is not None,
            Feature.ATTRIBUTES: bool(state.attributes),
            Feature.BEHAVIORS: bool(state.behaviors),
            Feature.GROUPS: state.group is not None,
            Feature.Z_ORDER: bool(state.z_order),
            Feature.SCORES: state.score is not None,
            Feature.SOURCES: state.source != "manual" or state.run_id is not None or state.model is not None,
            Feature.DONE: state.done,
            Feature.DEFAULTS: state.preferred_at is not None,
        }
        return {feature for feature, there in has.items() if there}
