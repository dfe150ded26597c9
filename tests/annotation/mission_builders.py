"""Missions and categories for tests."""

from typing import Any

from common.contract.missions import Category, Mission

BLACK = "#000000"


def category(name: str, **more: Any) -> Category:
    return Category.model_validate({"name": name, "color": BLACK} | more)


def mission(*categories: Category, **more: Any) -> Mission:
    return Mission.model_validate({"id": "m", "name": "M", "categories": list(categories)} | more)


CARS = mission(category("Car", types=[{"name": "SUV"}, {"name": "Van"}]), category("Dog"))
