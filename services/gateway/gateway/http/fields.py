"""Fields that several request bodies have."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from common.contract.errors import invalid_value
from gateway.domain.credentials import MIN_PASSWORD_LENGTH


def email_address(text: str) -> str:
    """A normalized email address, also one of a company's internal network. Raises PydanticCustomError."""
    try:
        address = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise invalid_value("invalid_email") from error
    if "." not in address.domain and address.domain != "localhost":
        raise invalid_value("invalid_email")
    return address.normalized


EmailAddress = Annotated[
    str, Field(max_length=320), AfterValidator(email_address), WithJsonSchema({"type": "string", "format": "email"})
]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")
]
NewPassword = Annotated[str, Field(min_length=MIN_PASSWORD_LENGTH, max_length=200)]
