"""Loads: what they tell, when, and what they refuse."""

import gzip
import itertools
import lzma
import warnings
from calendar import timegm
from pathlib import Path

import pytest

from hal.frontend import Wiring
from hal.units import HOUR, MINUTE, S
from sim.physics.energy import TrueEnergy
from sim.physics.loads.bdew import PROFILES, STEP_NS, BdewLoad
from sim.physics.loads.constant import ConstantLoad
from sim.physics.loads.load import LoadError, LoadOnMains
from sim.physics.loads.measured import Gap, MeasuredLoad, OnGap
from sim.physics.mains import Mains
from sim.physics.power import powers
from sim.physics.service import PowerFactor, Service
from sim.physics.waves import dead
from sim.world import Phase, World

FOUR = Wiring.THREE_PHASE_FOUR_WIRE
SERVICE = Service(FOUR, 230_000_000)
SHARED = Path(__file__).parents[3] / "shared" / "data" / "household-2006-12.csv.xz"
HEADER = "local_time,voltage_v,current_a,active_kw,reactive_kvar\n"
GOOD = (
    HEADER
    + "2006-12-16T17:24:00,234.840,18.400,4.216,0.418\n"
    + "2006-12-16T17:25:00,233.630,23.000,5.360,0.436\n"
    + "2006-12-16T17:26:00,233.290,23.000,-5.374,-0.498\n"
)
FIRST_S = timegm((2006, 12, 16, 16, 24, 0))


def written(tmp_path, text):
    path = tmp_path / "load.csv"
    path.write_text(text)
    return path


def total(segment):
    return powers(segment, FOUR).total


def on_mains(load, start_utc_s, lasting_ns):
    world = World(1, start_utc_s * S)
    mains = Mains(world)
    energy = TrueEnergy(world, mains, FOUR)
    LoadOnMains(world, mains, load)
    world.run_until(lasting_ns)
    return energy.at(lasting_ns)


def test_a_constant_load_is_there_from_the_first_instant():
    world = World(1)
    mains = Mains(world)
    seen = []
    LoadOnMains(world, mains, ConstantLoad(SERVICE.power(1_000_000, 0)))
    world.at(0, Phase.DEVICES, lambda: seen.append(mains.segment))
    world.run_until(HOUR)
    assert seen == [SERVICE.power(1_000_000, 0)]


# Measured loads


def test_rows_follow_one_another(tmp_path):
    load = MeasuredLoad(SERVICE, written(tmp_path, GOOD), 3600)
    assert (load.first_utc_s, load.end_utc_s, load.rows, load.gaps) == (FIRST_S, FIRST_S + 180, 3, ())
    changes = list(load.timeline(FIRST_S * S))
    assert [at for at, _ in changes] == [0, MINUTE, 2 * MINUTE, 3 * MINUTE]
    assert [segment.voltages[0].rms for _, segment in changes] == [234_840_000, 233_630_000, 233_290_000, 233_290_000]
    for (_, segment), active, reactive in zip(
        changes, (4.216, 5.360, -5.374, 0), (0.418, 0.436, -0.498, 0), strict=True
    ):
        assert total(segment).active_fw == pytest.approx(active * 1e18, rel=1e-9)
        assert total(segment).reactive_fvar == pytest.approx(reactive * 1e18, rel=1e-9)


def test_a_run_may_begin_inside_the_file(tmp_path):
    load = MeasuredLoad(SERVICE, written(tmp_path, GOOD), 3600)
    assert [at for at, _ in load.timeline(FIRST_S * S + 90 * S)] == [0, 30 * S, 90 * S]
    assert next(load.timeline(FIRST_S * S + 90 * S))[1].voltages[0].rms == 233_630_000
    load.check_span(FIRST_S * S, (FIRST_S + 180) * S)
    for start, end in ((FIRST_S * S - 1, FIRST_S * S), (FIRST_S * S, (FIRST_S + 180) * S + 1)):
        with pytest.raises(LoadError, match=r"load\.csv covers 2006-12-16T17:24:00 to 2006-12-16T17:27:00"):
            load.check_span(start, end)
    with pytest.raises(LoadError, match="covers"):
        load.timeline(FIRST_S * S - 1)


@pytest.mark.parametrize(("suffix", "opener"), [(".gz", gzip.open), (".xz", lzma.open)])
def test_compressed_files(tmp_path, suffix, opener):
    path = tmp_path / f"load.csv{suffix}"
    with opener(path, "wt") as file:
        file.write(GOOD)
    assert MeasuredLoad(SERVICE, path, 3600).rows == 3
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(LoadError, match=suffix):
        MeasuredLoad(SERVICE, path, 3600)
    path.write_text(GOOD)
    with pytest.raises(LoadError, match=suffix):
        MeasuredLoad(SERVICE, path, 3600)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "row 1: column local_time is missing"),
        (HEADER, "no rows"),
        (
            GOOD.replace("active_kw", "kw"),
            "row 1: column active_kw is missing; there are local_time, voltage_v, current_a, kw",
        ),
        (GOOD.replace("5.360", "5,360"), "row 3: 6 fields where the header has 5"),
        (GOOD.replace("5.360", "?"), r"row 3: active_kw is not a number: '\?'"),
        (GOOD.replace("5.360", ""), "row 3: active_kw is not a number: ''"),
        (GOOD.replace("5.360", "nan"), "row 3: active_kw is not a number: 'nan'"),
        (GOOD.replace("5.360", "1e999"), "row 3: active_kw is not a number"),
        (GOOD.replace("5.360", "5_360"), "row 3: active_kw is not a number"),
        (GOOD.replace("0.436", "-"), "row 3: reactive_kvar is not a number"),
        (GOOD.replace("233.290", "-1"), "row 4: voltage_v is negative"),
        (GOOD.replace("233.290", "0"), "row 4: there is power without voltage"),
        (GOOD.replace("17:25", "25:17"), "row 3: local_time is not a date and time: '2006-12-16T25:17:00'"),
        (GOOD.replace("17:25:00", "17:25:00Z"), "row 3: local_time is not in whole seconds without an offset"),
        (GOOD.replace("17:25:00", "17:25:00.5"), "row 3: local_time is not in whole seconds without an offset"),
        (GOOD.replace("17:25", "17:23"), "row 3: 2006-12-16T17:23:00 lies before the end of row 2"),
        (GOOD.replace("17:25", "17:24"), "row 3: 2006-12-16T17:24:00 lies before the end of row 2"),
        (
            GOOD.replace("17:26", "17:29"),
            "row 4: a gap of 180 s, from 2006-12-16T17:26:00 to 2006-12-16T17:29:00",
        ),
        (GOOD + '"', "load.csv: unexpected end of data"),
        (GOOD + "\ufffd\n", "row 5: 1 fields"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_row(tmp_path, text, message):
    with pytest.raises(LoadError, match=message) as error:
        MeasuredLoad(SERVICE, written(tmp_path, text), 3600)
    assert str(error.value).startswith(str(tmp_path / "load.csv"))


def test_a_missing_file_and_bytes_that_are_no_text(tmp_path):
    with pytest.raises(LoadError, match=r"none\.csv: .*No such file"):
        MeasuredLoad(SERVICE, tmp_path / "none.csv", 0)
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LoadError, match=r"bytes\.csv: "):
        MeasuredLoad(SERVICE, tmp_path / "bytes.csv", 0)


def test_a_gap_is_a_time_without_load_if_that_is_asked_for(tmp_path):
    load = MeasuredLoad(SERVICE, written(tmp_path, GOOD.replace("17:26", "17:29")), 3600, OnGap.NO_LOAD)
    assert load.gaps == (Gap(FIRST_S + 120, FIRST_S + 300, 3, 4),)
    changes = list(load.timeline(FIRST_S * S))
    assert [at // MINUTE for at, _ in changes] == [0, 1, 2, 5, 6]
    assert changes[2][1] == SERVICE.at(233_630_000).idle()
    assert next(load.timeline((FIRST_S + 150) * S)) == (0, changes[2][1])


def test_energy_of_the_rows_reaches_the_mains(tmp_path):
    text = GOOD.replace("-5.374", "5.374").replace("-0.498", "0.498").replace("17:26", "17:29")
    load = MeasuredLoad(SERVICE, written(tmp_path, text), 3600, OnGap.NO_LOAD, phase=0)
    energy = on_mains(load, load.first_utc_s, 10 * MINUTE)
    assert energy[0] == pytest.approx((4216 + 5360 + 5374) * 10**9 // 60, rel=1e-9)
    assert energy[2] == pytest.approx((418 + 436 + 498) * 10**9 // 60, rel=1e-9)


@pytest.mark.skipif(not SHARED.exists(), reason="the measured house is not part of the product")
def test_the_measured_house():
    with pytest.raises(LoadError, match=r"row 6841: a gap of 120 s, from 2006-12-21T11:23:00"):
        MeasuredLoad(SERVICE, SHARED, 3600)
    load = MeasuredLoad(SERVICE, SHARED, 3600, OnGap.NO_LOAD)
    assert load.rows == 37_283
    assert [gap.end_utc_s - gap.start_utc_s for gap in load.gaps] == [120, 120]
    assert load.end_utc_s - load.first_utc_s == (load.rows + 4) * 60
    day = on_mains(load, load.first_utc_s, 24 * HOUR)
    with lzma.open(SHARED, "rt") as file:
        kilowatts = [float(line.split(",")[3]) for line in itertools.islice(file, 1, 1441)]
    assert day[0] == pytest.approx(sum(kilowatts) / 60 * 10**12, rel=1e-9)


# Standard load profiles


@pytest.mark.parametrize("profile", PROFILES)
def test_a_year_has_its_annual_energy(profile):
    load = BdewLoad(SERVICE, profile, 4_000_000, 3600)
    powers_mw = load.powers_mw(2026)
    assert len(powers_mw) == 365 * 96
    # Half a milli-watt for a quarter of an hour, each.
    assert abs(sum(powers_mw) - 4 * 4_000_000_000) <= len(powers_mw) // 2
    assert min(powers_mw) >= 0


@pytest.mark.parametrize("profile", ["h0", "h25"])
def test_a_leap_year_has_a_day_more_and_the_same_energy(profile):
    powers_mw = BdewLoad(SERVICE, profile, 4_000_000, 3600).powers_mw(2028)
    assert len(powers_mw) == 366 * 96
    assert abs(sum(powers_mw) - 4 * 4_000_000_000) <= len(powers_mw) // 2


def test_making_a_profile_leaves_the_filters_of_warnings_alone():
    from sim.physics.loads import bdew

    bdew._shares.cache_clear()
    before = list(warnings.filters)
    BdewLoad(SERVICE, "g0", 1, 0).powers_mw(2027)
    assert warnings.filters == before


def test_a_profile_changes_every_quarter_of_local_standard_time():
    load = BdewLoad(SERVICE, "h0", 4_000_000, 3600)
    # 00:20 on New Year's Day, local time.
    start_s = timegm((2025, 12, 31, 23, 20, 0))
    changes = list(itertools.islice(load.timeline(start_s * S), 5))
    assert [at for at, _ in changes] == [0, 10 * MINUTE, 25 * MINUTE, 40 * MINUTE, 55 * MINUTE]
    powers_mw = load.powers_mw(2026)
    for (_, segment), power_mw in zip(changes, powers_mw[1:], strict=False):
        assert total(segment).active_fw == pytest.approx(power_mw * 10**12, rel=1e-8)
        assert total(segment).active_fw == pytest.approx(total(segment).apparent_fva * 0.95, rel=1e-6)
        assert total(segment).reactive_fvar > 0


def test_a_profile_goes_on_across_new_year():
    load = BdewLoad(SERVICE, "h0", 4_000_000, 0, PowerFactor(900_000, leading=True), phase=2)
    start_s = timegm((2027, 12, 31, 23, 30, 0))
    changes = list(itertools.islice(load.timeline(start_s * S), 4))
    assert [at for at, _ in changes] == [k * STEP_NS for k in range(4)]
    expected = [*load.powers_mw(2027)[-2:], *load.powers_mw(2028)[:2]]
    for (_, segment), power_mw in zip(changes, expected, strict=True):
        assert total(segment).active_fw == pytest.approx(power_mw * 10**12, rel=1e-8)
        assert total(segment).reactive_fvar < 0
        assert [wave.rms > 0 for wave in segment.currents] == [False, False, True, True]


def test_profiles_that_there_are_not():
    with pytest.raises(LoadError, match="no BDEW profile 'h1': h0, h0_dyn, g0"):
        BdewLoad(SERVICE, "h1", 1, 0)
    with pytest.raises(LoadError, match="negative"):
        BdewLoad(SERVICE, "h0", -1, 0)
    with pytest.raises(LoadError, match="power factor"):
        BdewLoad(SERVICE, "h0", 1, 0, PowerFactor(-900_000))
    with pytest.raises(LoadError, match="1969"):
        next(BdewLoad(SERVICE, "h0", 1, 0).timeline(-1))


def test_a_load_waits_with_one_wake_up():
    world = World(1, timegm((2026, 3, 1, 0, 0, 0)) * S)
    mains = Mains(world)
    pending = []
    LoadOnMains(world, mains, BdewLoad(SERVICE, "h0", 4_000_000, 0))
    mains.subscribe(lambda before, after: pending.append(len(world._env._queue)))
    world.run_until(24 * HOUR)
    assert len(pending) > 90
    assert max(pending) <= 1
    assert mains.segment != dead()
