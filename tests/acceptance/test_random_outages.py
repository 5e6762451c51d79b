"""Outages at random: with hold-up and without, of a second to three hours, one upon the other. Every oracle holds.

Beside the oracles an account of its own: what flowed while the meter was up is in its registers, but for what may be
lost where the rail collapsed, a quarter of an hour each time.
"""

import random
from itertools import pairwise

import pytest

from hal.probe import Booted, RegistersSaved
from hal.units import HOUR, MS, S
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from tests.acceptance.playing import fault, reading, text_of, troubles

STARTS = (
    "2026-01-30T12:00:00+01:00",
    "2026-03-28T12:00:00+01:00",
    "2026-10-24T12:00:00+02:00",
    "2026-12-31T00:00:00+01:00",
)
DURATION_MS = 48 * 3_600_000


def outages(chance: random.Random) -> list[tuple[str, int, int]]:
    """Kind, instant and length in ms; lengths and gaps are spread evenly over their orders of magnitude."""
    found = []
    instant = chance.randrange(2_000, 10 * 3_600_000)
    while len(found) < 25:
        length = round(1_000 * 10_800 ** chance.random())
        if instant + length > DURATION_MS - 2_000:
            break
        found.append((chance.choice(("supply-fail", "power-cut")), instant, length))
        instant += length + round(400 * 50_000 ** chance.random())
    return found


def scenario(seed: int) -> str:
    """Two days, their outages, and in two of five a battery that dies and a reader that comes now and then."""
    chance = random.Random(seed)
    body = f'[clock]\nbattery_failure = "{chance.choice(("continue", "reset", "reset-and-freeze"))}"\n'
    if chance.random() < 0.4:
        body += fault("battery-fail", f"{chance.randrange(1, 20 * 3_600_000)}ms")
        for n, kind in enumerate(("readout", "set-clock", "billing-reset", "release-tariff")):
            body += reading(f"r-{n}", f"{chance.randrange(DURATION_MS - 60_000)}ms", kind)
    for kind, instant, length in outages(chance):
        body += fault(kind, f"{instant}ms", f"{length}ms")
    return text_of(chance.choice(STARTS), "48h", body)


def unsound(seed: int) -> list[str]:
    """What is wrong with the run of that seed: nothing, if every oracle holds and the account is right."""
    text = scenario(seed)
    runner = Runner(parse(text), seed)
    up: list[tuple[int, str]] = []
    saves: list[tuple[int, RegistersSaved]] = []
    boots: list[Booted] = []
    runner.bench.on_note(lambda at_ns, who, said: up.append((at_ns, said)) if who == "power" else None)
    runner.bench.probe.subscribe(RegistersSaved, lambda at_ns, record: saves.append((at_ns, record)))
    runner.bench.probe.subscribe(Booted, lambda _at, record: boots.append(record))
    result = runner.run()
    if result.verdict is not Verdict.HELD:
        return [f"seed {seed}: {troubles(result)}\n{text}"]

    # 3.6 kW: 1 Wh a second. The meter counts while it is up and the mains are there.
    fed_ns = _fed_ns(up, saves[-1][0])
    lost_s = fed_ns / S - saves[-1][1].totals[0] / 10**9
    unclean = sum(not booted.clean for booted in boots)
    wrong = []
    if not -0.1 * len(boots) - 3 <= lost_s <= 0.3 * len(boots) + 3 + 901 * unclean:
        wrong.append(f"seed {seed}: {lost_s} s of energy lost in {len(boots)} boots, {unclean} of them unclean")
    totals = [record.totals[0] for _, record in saves]
    if any(after < before for before, after in pairwise(totals)):
        wrong.append(f"seed {seed}: a register fell: {totals}")
    return wrong


def _fed_ns(up: list[tuple[int, str]], until_ns: int) -> int:
    """How long the meter was up on mains."""
    fed, since = 0, None
    for at_ns, said in up:
        begins = said.startswith("up") or said == "good"
        if begins and since is None:
            since = at_ns
        elif not begins and since is not None:
            # The comparator tells of the mains' absence after 20 ms.
            fed += at_ns - since - (20 * MS if said == "fail" else 0)
            since = None
    return fed + (max(until_ns - since, 0) if since is not None else 0)


@pytest.mark.parametrize("group", range(4))
def test_every_oracle_holds_and_no_more_is_lost_than_may_be(group):
    seeds = range(group * 6, group * 6 + 6)
    assert [wrong for seed in seeds for wrong in unsound(seed)] == []


def test_the_account_itself_is_sound():
    """Two outages by hand: 47 h less 1 h, to the second."""
    assert _fed_ns([(0, "up power-on"), (HOUR, "fail"), (HOUR + S, "down"), (2 * HOUR, "up power-on")], 3 * HOUR) == (
        2 * HOUR - 20 * MS
    )
    assert _fed_ns([(0, "up"), (HOUR, "down")], 3 * HOUR) == HOUR
