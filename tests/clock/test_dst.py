"""Daylight-saving rules: their dates, their text form, and what is refused."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from firmware.clock.dst import ChangeRule, DstRule
from tests.clock.reference import EPOCH, change_rules, change_wall

rules = st.integers(1, 12).flatmap(lambda month: change_rules(month, 1))


@given(rules, st.integers(1970, 2105))
def test_date_is_that_of_the_calendar_leaf(rule: ChangeRule, year: int) -> None:
    assert rule.wall_s(year) == (change_wall(rule, year) - EPOCH).total_seconds()


@given(rules)
def test_text_form_reads_back(rule: ChangeRule) -> None:
    assert ChangeRule.parse(str(rule)) == rule
    assert ChangeRule.parse(f"  {str(rule).upper()}  ") == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("last Sunday March 02:00", ChangeRule(5, 6, 3, 120)),
        ("2nd Sunday March 02:00", ChangeRule(2, 6, 3, 120)),
        ("second sunday march 02:00", ChangeRule(2, 6, 3, 120)),
        ("first Monday January 00:00", ChangeRule(1, 0, 1, 0)),
        ("4th Saturday December 24:00", ChangeRule(4, 5, 12, 1440)),
    ],
)
def test_text_forms(text: str, rule: ChangeRule) -> None:
    assert ChangeRule.parse(text) == rule


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("fifth Sunday March 02:00", '"fifth" is not a week'),
        ("last Sonday March 02:00", '"Sonday" is not a weekday'),
        ("last Sunday Mars 02:00", '"Mars" is not a month'),
        ("last Sunday March 2:00", '"2:00" is not a time'),
        ("last Sunday March 02:60", '"02:60" is not a time'),
        ("last Sunday March 24:01", '"24:01" is not a time'),
        ("last Sunday March +2:00", '"+2:00" is not a time'),
        ("last Sunday March 02:0²", '"02:0²" is not a time'),
        ("last Sunday March", "four words"),
        ("", "four words"),
        ("last Sunday in March 02:00", "not 5"),
    ],
)
def test_error_names_the_wrong_word(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong)) as refused:
        ChangeRule.parse(text)
    assert f'"{text}"' in str(refused.value)


@pytest.mark.parametrize(
    ("week", "weekday", "month", "minute", "name"),
    [
        (0, 6, 3, 120, "week"),
        (6, 6, 3, 120, "week"),
        (5, 7, 3, 120, "weekday"),
        (5, 6, 13, 120, "month"),
        (5, 6, 0, 120, "month"),
        (5, 6, 3, 1441, "minute"),
        (5, 6, 3, -1, "minute"),
    ],
)
def test_fields_out_of_range_are_refused(week: int, weekday: int, month: int, minute: int, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} -?[0-9]+ is not within"):
        ChangeRule(week, weekday, month, minute)


@pytest.mark.parametrize("shift_s", [0, 1_800, -3_600, 10_800])
def test_only_one_or_two_hours_of_shift(shift_s: int) -> None:
    with pytest.raises(ValueError, match="shift_s"):
        DstRule(ChangeRule(5, 6, 3, 120), ChangeRule(5, 6, 10, 180), shift_s)


@settings(max_examples=60)
@given(st.integers(1, 12), st.sampled_from((0, 0, 1, 2)), st.data())
def test_changes_that_lie_too_close_in_any_year_are_refused(month: int, apart: int, data: st.DataObject) -> None:
    start = data.draw(change_rules(month, 1))
    end = data.draw(change_rules((month - 1 + apart) % 12 + 1, 1))
    if data.draw(st.booleans()):
        start, end = end, start
    assume(start != end)
    named = ((start, "start"), (end, "end"))
    changes = sorted((change_wall(rule, year), name) for year in range(1999, 2106) for rule, name in named)
    fit = all(a[1] != b[1] and b[0] - a[0] >= timedelta(days=2) for a, b in pairwise(changes))
    if fit:
        assert DstRule(start, end).start == start
    else:
        with pytest.raises(ValueError, match="too close or out of order"):
            DstRule(start, end)


def test_a_change_against_itself_is_refused() -> None:
    rule = ChangeRule(5, 6, 3, 120)
    with pytest.raises(ValueError, match="too close"):
        DstRule(rule, rule)
