"""A mission in which every name equals its id, so that names are read back as ids."""

from common.contract.missions import Attribute, Category, Mission, Type

DOORS = Attribute(id="doors-1", name="doors-1", kind="number")
TRUNCATED = Attribute(id="truncated-1", name="truncated-1", values=["No", "Yes"], mutable=True)
PLAIN = [
    Mission(
        id="detection",
        name="detection",
        categories=[
            Category(
                id="vehicle-1",
                name="vehicle-1",
                color="#ff0000",
                types=[Type(id="car-1", name="car-1", attributes=[DOORS])],
                attributes=[TRUNCATED],
            ),
            Category(id="Pedestrian", name="Pedestrian", color="#00ff00"),
        ],
    )
]
