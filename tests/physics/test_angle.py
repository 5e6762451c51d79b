"""Integer sines and angles against libm, and against exact identities."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.units import TURN
from sim.physics.angle import PI_Q128, angle_of, cosine, fine_sine, sine

angles = st.integers(0, TURN - 1)


@given(angles)
def test_sine_and_cosine_are_those_of_libm(angle):
    radians = 2 * math.pi * (angle / TURN)
    assert sine(angle) == pytest.approx(math.sin(radians) * 2**40, abs=0.51)
    assert cosine(angle) == pytest.approx(math.cos(radians) * 2**40, abs=0.51)


@given(angles)
def test_fine_sine_lies_on_the_unit_circle(angle):
    assert abs(fine_sine(angle) ** 2 + fine_sine(angle + TURN // 4) ** 2 - (1 << 124)) < 1 << (124 - 55)


@given(angles)
def test_sines_have_the_symmetries_of_the_circle(angle):
    assert sine(angle) == sine(TURN // 2 - angle)
    assert sine(angle + TURN) == sine(angle)


def test_right_angles_are_exact():
    assert [sine(k * TURN // 4) for k in range(4)] == [0, 1 << 40, 0, -(1 << 40)]


@given(st.integers(-(2**80), 2**80), st.integers(-(2**80), 2**80))
def test_angle_of_a_vector_is_that_of_libm(y, x):
    expected = math.atan2(y, x) / (2 * math.pi) * TURN
    apart = (angle_of(y, x) - round(expected)) % TURN
    assert min(apart, TURN - apart) <= 2


@given(angles)
def test_angle_of_undoes_sine_and_cosine(angle):
    apart = (angle_of(fine_sine(angle), fine_sine(angle + TURN // 4)) - angle) % TURN
    assert min(apart, TURN - apart) <= 1


def test_pi_by_machins_formula():
    def arccotangent(x):
        term = total = (1 << 160) // x
        k, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // k)
            k, sign = k + 2, -sign
        return total

    assert (4 * (4 * arccotangent(5) - arccotangent(239))) >> 32 == PI_Q128
