"""Finds the function that composes the firmware: `package.module:build`."""

import importlib
import sys
import traceback
from pathlib import Path

from sim.bench import Build
from sim.scenario.errors import ScenarioError
from sim.scenario.schema import Scenario


def firmware_build(scenario: Scenario) -> Build:
    """The function that `firmware` names; its module may lie in the working directory. ScenarioError if none."""
    module_name, _, function = scenario.firmware.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        # Last, so that nothing there takes the place of an installed package.
        sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module_name}.".startswith(f"{error.name}."):
            raise ScenarioError(f"{scenario.source}: firmware: there is no module {error.name}") from None
        raise _failed(scenario, module_name, error) from error
    except Exception as error:
        raise _failed(scenario, module_name, error) from error
    build = getattr(module, function, None)
    if not callable(build):
        raise ScenarioError(f"{scenario.source}: firmware: {module_name} has no function {function}")
    found: Build = build
    return found


def _failed(scenario: Scenario, module_name: str, error: Exception) -> ScenarioError:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    if isinstance(error, SyntaxError):
        place = f" ({error.filename}, line {error.lineno})"
        error = SyntaxError(error.msg)
    return ScenarioError(
        f"{scenario.source}: firmware: importing {module_name} failed: {type(error).__name__}: {error}{place}"
    )
