"""Contracts of `hal.inputs`, `hal.outputs` and `hal.display`."""

from itertools import product

import pytest

from hal.display import COLUMNS, LINES, Symbol
from hal.inputs import Input
from hal.outputs import Output, Pulse
from hal.processor import Line
from hal.units import MS
from tests.hal_contract.harness import Feature, Harness


@pytest.mark.needs(Feature.INPUTS)
class TestInputs:
    @pytest.mark.parametrize("which", list(Input))
    def test_a_change_is_told_and_seen(self, board: Harness, which: Input) -> None:
        inputs = board.inputs()
        before = {each: inputs.state(each) for each in Input}
        for state in (not before[which], before[which]):
            board.move_input(which, state)
            board.expect(Line.INPUTS)
            assert {each: inputs.state(each) for each in Input} == before | {which: state}

    def test_no_change_is_not_told(self, board: Harness) -> None:
        inputs = board.inputs()
        for which in Input:
            board.move_input(which, inputs.state(which))
        board.advance(50 * MS)
        assert not board.pending(Line.INPUTS)


@pytest.mark.needs(Feature.OUTPUTS)
class TestOutputs:
    def test_each_output_is_set_by_itself(self, board: Harness) -> None:
        outputs = board.outputs()
        for states in product((True, False), repeat=len(Output)):
            for which, on in zip(Output, states, strict=True):
                outputs.set(which, on)
            assert tuple(board.output(which) for which in Output) == states

    def test_pulses_go_in_order_and_not_before_their_instants(self, board: Harness) -> None:
        outputs = board.outputs()
        start = board.processor().now() + 10 * MS
        wanted = {
            Pulse.ACTIVE: [start, start, start + 5 * MS, start + 20 * MS],
            Pulse.REACTIVE: [start + 1 * MS, start + 30 * MS],
        }
        for which, instants in wanted.items():
            outputs.pulse(which, instants[:2])
            outputs.pulse(which, [])
            outputs.pulse(which, instants[2:])
        board.advance(50 * MS)
        for which, instants in wanted.items():
            gone = board.pulses(which)
            assert len(gone) == len(instants)
            assert gone == sorted(gone)
            assert all(went >= instant for went, instant in zip(gone, instants, strict=True))

    @pytest.mark.parametrize("apart", [False, True])
    def test_pulses_out_of_order_are_refused(self, board: Harness, apart: bool) -> None:
        outputs = board.outputs()
        start = board.processor().now() + 100 * MS
        if apart:
            outputs.pulse(Pulse.ACTIVE, [start + 1])
        with pytest.raises(ValueError, match=str(start)):
            outputs.pulse(Pulse.ACTIVE, [start] if apart else [start + 1, start])
        board.advance(150 * MS)
        assert len(board.pulses(Pulse.ACTIVE)) == (1 if apart else 0)
        assert board.pulses(Pulse.REACTIVE) == []


@pytest.mark.needs(Feature.DISPLAY)
class TestDisplay:
    def test_each_line_shows_what_it_was_given(self, board: Harness) -> None:
        display = board.display()
        texts = ["000123.456 kWh", "1.8.0 T1 ~ !", "", "X" * COLUMNS]
        for line, text in product(range(LINES), texts):
            display.show(line, text)
            display.show(1 - line, "other")
            assert board.shown(line) == text
            assert board.shown(1 - line) == "other"

    def test_it_lights_what_it_was_told_and_nothing_else(self, board: Harness) -> None:
        display = board.display()
        for symbols in ({Symbol.L1, Symbol.T8}, {Symbol.ALARM}, set(Symbol), set()):
            display.light(frozenset(symbols))
            assert board.lit() == symbols

    def test_it_asks_to_be_drawn(self, board: Harness) -> None:
        board.display()
        assert not board.pending(Line.DISPLAY)
        board.look()
        board.expect(Line.DISPLAY)

    @pytest.mark.parametrize(
        ("line", "text"),
        [(0, "X" * (COLUMNS + 1)), (0, "tab\t"), (0, "\x00"), (1, "20 °C"), (1, "line\n"), (-1, "a"), (LINES, "a")],
    )
    def test_it_refuses_what_it_can_not_show(self, board: Harness, line: int, text: str) -> None:
        display = board.display()
        for each in range(LINES):
            display.show(each, "before")
        with pytest.raises(ValueError, match=r"display|line|columns|ASCII"):
            display.show(line, text)
        assert [board.shown(each) for each in range(LINES)] == ["before"] * LINES
