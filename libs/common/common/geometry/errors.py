"""The error of invalid shapes."""

from common.contract.errors import CodedError


class GeometryError(CodedError, ValueError):
    """A shape that is malformed, too large, or of a kind that an operation is not defined for."""
