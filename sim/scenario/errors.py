"""The one error that bad input makes: what is wrong, and where."""


class ScenarioError(Exception):
    """A scenario, or what it names, can't be run. The text is whole: file, key path or row, and what was expected."""
