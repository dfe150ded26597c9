"""Media and clips in tests of inference."""

from common.contract.media import Conditions, Medium


def medium(**fields: object) -> Medium:
    """A video that is ready."""
    fixed = {
        "id": "m",
        "project_id": "p",
        "name": "street.mp4",
        "kind": "video",
        "state": "ready",
        "conditions": Conditions(weather="Sunny", lighting="Day", fov="Unknown"),
        "content_type": "video/mp4",
        "size_bytes": 1,
        "width": 640,
        "height": 360,
        "created_at": 0.0,
        "author": "u",
    }
    return Medium.model_validate(fixed | fields)
