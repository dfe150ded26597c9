"""Fields that several forms have."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from gateway.domain.credentials import MIN_PASSWORD_LENGTH


def address(text: str) -> str:
    """An e-mail address; also one inside a company's own network. Raises ValueError."""
    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    if "." not in found.domain and found.domain != "localhost":
        raise ValueError("The part after the @ is not a domain.")
    return found.normalized


Address = Annotated[
    str, Field(max_length=320), AfterValidator(address), WithJsonSchema({"type": "string", "format": "email"})
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
]
NewPassword = Annotated[str, Field(min_length=MIN_PASSWORD_LENGTH, max_length=200)]
