"""What lists may name, and what they may not."""

import pytest

from firmware.display.config import AUTOMATIC, MANUAL, TEST, Digits, DisplayConfig
from firmware.display.entries import Special, entry
from firmware.registers import reduced_id
from firmware.registers.identity import Kind


@pytest.mark.parametrize("code", ["1.8.0", "1.8.1", "2.8.0", "1.6.0", "32.7.0", "F.F", "C.14.0"])
def test_a_code_is_a_register(code: str) -> None:
    found = entry(code)
    assert found.register == reduced_id.register(code, 0)
    assert (found.code, found.special, found.stamp) == (code, None, False)


def test_what_goes_with_a_code() -> None:
    last = entry("1.8.2@1").register
    assert last is not None
    assert (last.kind, last.rate, last.period) == (Kind.ENERGY, 2, 1)
    second = entry("1.6.0@36#2:time")
    assert second.register is not None
    assert (second.register.period, second.register.rank, second.stamp) == (36, 2, True)


def test_what_is_no_register() -> None:
    assert {entry(special.value).special for special in Special} == set(Special)


@pytest.mark.parametrize(
    "text",
    ["", "1.8", "9.9.9.9", "nothing", "1.8.0*01", "1.8.0@0", "1.8.0@37", "1.8.0#2", "1.8.0:time", "1.6.0#6", "1.6.0#1"],
)
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match='"'):
        entry(text)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"automatic": ()}, "automatic"),
        ({"manual": ("1.8.0", "what")}, r"manual\[1\]"),
        ({"test": ("1.8.0",) * 65}, "test"),
        ({"page_ns": 1}, "page"),
        ({"timeout_ns": 10**14}, "timeout"),
        ({"long_press_ns": 0}, "long_press"),
        ({"energy": Digits(3, 3)}, "energy"),
        ({"demand": Digits(13, 3)}, "demand"),
    ],
)
def test_a_bad_configuration_is_refused_with_its_path(change: dict[str, object], path: str) -> None:
    with pytest.raises(ValueError, match=rf"^display\.{path}: "):
        DisplayConfig(**change)  # type: ignore[arg-type]  # a wrong value is the point


def test_the_lists_of_a_new_meter_name_what_there_is() -> None:
    for listed in (AUTOMATIC, MANUAL, TEST):
        assert len({entry(text) for text in listed}) == len(listed)
