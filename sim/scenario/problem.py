"""Problems that lie deeper than where pydantic finds them."""

from pydantic_core import PydanticCustomError

Path = tuple[str | int, ...]


def problem(path: Path, text: str) -> PydanticCustomError:
    """An error for a validator to raise: `path` leads on from the table that is validated."""
    return PydanticCustomError("scenario_problem", "{text}", {"text": text, "path": path})
