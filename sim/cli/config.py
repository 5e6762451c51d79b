"""`meterbench config check`: a meter's settings in a TOML file, held against all rules."""

from dataclasses import replace

import typer

from sim.scenario import library, loader
from sim.scenario.configuration import check_changes, meter_config
from sim.scenario.errors import ScenarioError

_ANY_RUN = {"schema": 1, "title": "settings", "start": "2026-01-01T00:00:00+00:00", "duration": "1min"}
"""What a scenario says of its run, for a file that has only settings."""

_PAYLOAD = "configuration"


def check(file: str) -> int:
    """Print the bytes that the programme takes, or each problem as `file: path: rule`; the exit code, 0 or 1.
    ScenarioError for a file that can't be read."""
    from firmware.programming.journal import split
    from firmware.programming.layout import build_programme
    from firmware.programming.programme import Programme
    from firmware.storage.memory_map import METER, RingLayout

    document = library.find(file)
    document = replace(document, content=_ANY_RUN | document.content)
    try:
        scenario = loader.scenario_of(document)
        config = meter_config(scenario)
        check_changes(scenario, config.settings)
        plate = config.nameplate
        programme = Programme(1, 0, 0, plate.ct_ratio, plate.vt_ratio, config.settings)
        room = next(ring.payload_bytes for ring in METER if isinstance(ring, RingLayout) and ring.name == _PAYLOAD)
        records = split(programme, room)
    except ScenarioError as error:
        typer.echo(str(error), err=True)
        return 1
    except ValueError as error:
        typer.echo(f"{document.source}: {error}", err=True)
        return 1
    size = len(build_programme(programme))
    typer.echo(f"{document.source}: a programme of {size} bytes in {len(records)} records; all rules are kept")
    return 0
