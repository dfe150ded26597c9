"""The one Pydantic base of everything that crosses a process border."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Immutable, and open to fields that a newer teller adds."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")
