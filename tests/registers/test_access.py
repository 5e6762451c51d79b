"""Who may read and write what."""

import pytest

from firmware.comms.access import Level
from firmware.comms.commands import Command, execute_command, write_command
from firmware.registers.access import RIGHTS, Subject, level_for, may_read, may_write
from protocols.iec62056_21 import DataSet


def test_each_subject_has_its_rights_and_each_level_those_of_the_lower_ones() -> None:
    assert set(RIGHTS) == set(Subject)
    for subject in Subject:
        for may in (may_read, may_write):
            allowed = [may(level, subject) for level in Level]
            assert allowed == sorted(allowed)


def test_what_is_billed_is_written_by_nobody_and_passwords_are_read_by_nobody() -> None:
    for level in Level:
        assert not any(may_write(level, one) for one in (Subject.REGISTERS, Subject.PROFILES, Subject.LOGS))
        assert not may_read(level, Subject.PASSWORDS)
    assert level_for(Subject.CLEARING) is level_for(Subject.NAMEPLATE) is Level.FACTORY
    with pytest.raises(ValueError, match="written by nobody"):
        level_for(Subject.REGISTERS)


@pytest.mark.parametrize(
    ("subject", "level"),
    [(Subject.CLOCK_ADJUSTMENT, 1), (Subject.END_OF_BILLING, 2), (Subject.CLOCK, 3), (Subject.CALIBRATION, 4)],
)
def test_from_which_level_on(subject: Subject, level: int) -> None:
    assert [may_write(one, subject) for one in Level] == [one >= level for one in Level]


def of(command: Command | None) -> Level:
    assert command is not None
    return command.level


def test_the_optical_port_asks_for_these_levels() -> None:
    assert of(write_command([DataSet.of("0.9.4", "")])) == level_for(Subject.CLOCK)
    assert of(write_command([DataSet.of("C.90.0", "")])) == level_for(Subject.TRANSFORMERS) == level_for(Subject.TARIFF)
    assert of(execute_command([DataSet.of("0.1.0", "")])) == level_for(Subject.END_OF_BILLING)
    assert of(execute_command([DataSet.of("C.99.1", "")])) == level_for(Subject.TARIFF_RELEASE)
    assert of(execute_command([DataSet.of("C.99.2", "")])) == level_for(Subject.CLOCK_ADJUSTMENT)
    assert of(execute_command([DataSet.of("C.91", "")])) == level_for(Subject.TRANSFORMERS)
