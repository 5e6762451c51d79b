"""The mutants: seeded bugs of the kinds that firmware teams have shipped, and where each is hunted."""

from typing import Final

from tests.mutants.mutant import Mutant

HERE: Final = "tests/mutants/grounds"
QUARTER: Final = "year --until 100d"
BATTERY: Final = "battery-failure --board afe"
TWO_FAILURES: Final = f"{HERE}/two-battery-failures.toml"
CUTS: Final = f"{HERE}/cuts.toml"
OUTAGES: Final = f"{HERE}/outages.toml"
PROGRAMMED: Final = f"{HERE}/programming.toml"
CLOCK: Final = f"{HERE}/clock-set-back.toml"
SAMPLES: Final = f"{HERE}/samples.toml"

TARIFF: Final[tuple[Mutant, ...]] = (
    Mutant(
        "forget-dst",
        "after a switch the tariff reads the calendar by standard time",
        "firmware.tariff.tariff",
        "            named = self._named(utc_s)\n            self._switch_s = self._next_switch(utc_s)\n",
        "            local = Zone(self._rules.zone.standard_offset_s).local(utc_s)\n"
        "            named = self._rules.calendar.rate(local), self._rules.calendar.demand_rate(local)\n"
        "            self._switch_s = self._next_switch(utc_s)\n",
        (QUARTER,),
    ),
    Mutant(
        "total-only",
        "what flows in rate 2 is counted in the total alone",
        "firmware.tariff.accounts",
        "            by_rate[at] += eleven[place]\n",
        "            by_rate[at] += eleven[place] if rate != 2 else 0\n",
        (QUARTER,),
    ),
    Mutant(
        "skip-billing-date",
        "a billing date that falls on the end of an interval waits for the next one",
        "firmware.tariff.tariff",
        "        if not self.frozen and utc_s >= self._billing_s:\n",
        "        if not self.frozen and utc_s > self._billing_s:\n",
        (QUARTER,),
    ),
    Mutant(
        "save-after-clearing",
        "the maximum demands are cleared before they are copied to history",
        "firmware.tariff.tariff",
        "            demand=self._demand.end_billing(),\n",
        "            demand=self._demand.end_billing().billed(),\n",
        (QUARTER,),
    ),
    Mutant(
        "bill-again-after-setting-back",
        "a clock set back over a billing date brings it again",
        "firmware.tariff.tariff",
        "            if scheduled_s not in self.billed:\n",
        "            if True:\n",
        (CLOCK,),
    ),
    Mutant(
        "no-billing-for-an-outage",
        "a billing date that falls into an outage is forgotten",
        "firmware.boot",
        "    missed = core.tariff.catch_up(\n"
        "        state.utc_s - 1, utc_s, core.clock.status, powered_up=powered_up, clock_lost=resets\n"
        "    )\n",
        "    missed: list[Outcome] = []\n",
        (OUTAGES,),
    ),
)

BATTERY_FAILURE: Final[tuple[Mutant, ...]] = (
    Mutant(
        "forget-the-freeze",
        "the tariff goes on after a lost clock where it should be frozen",
        "firmware.boot",
        "    if responds and freezes:\n        tariff = replace(tariff, frozen=True)\n",
        "    if responds and freezes:\n        tariff = replace(tariff, frozen=False)\n",
        (BATTERY,),
    ),
    Mutant(
        "respond-each-time",
        "each outage with a dead battery makes another end of billing",
        "firmware.boot",
        "    core.battery.answered |= responds\n",
        "    core.battery.answered = False\n",
        (TWO_FAILURES,),
    ),
    Mutant(
        "never-respond-again",
        "a battery that fails again, after it was replaced and the clock was set, is not answered to",
        "firmware.clock.battery",
        "            self.answered = False\n",
        "            self.answered = self.answered\n",
        (TWO_FAILURES,),
    ),
    Mutant(
        "battery-not-tested",
        "the cell is tested at power-up alone",
        "firmware.clock.tasks",
        "            core.test_battery()\n",
        "            pass\n",
        (BATTERY,),
    ),
)

ENERGY: Final[tuple[Mutant, ...]] = (
    Mutant(
        "swap-registers",
        "reactive energy of the first two quadrants is counted in each other's registers",
        "firmware.metrology.registers",
        "        counters = self._front_end.energy().values()\n",
        "        counters = self._front_end.energy().values()\n"
        "        counters = (*counters[:2], counters[3], counters[2], *counters[4:])\n",
        (QUARTER,),
    ),
    Mutant(
        "count-a-boundary-twice",
        "the part of a window before a boundary is counted on both sides of it",
        "firmware.tariff.accounting",
        "                before, increment = increment.split(instant)\n",
        "                before, _ = increment.split(instant)\n",
        (SAMPLES,),
    ),
    Mutant(
        "no-flush-at-power-fail",
        "what was measured since the last reading is not in the save at power fail",
        "firmware.storage.power_fail",
        "        core.metering.flush(core.accounting, task.now)\n",
        "",
        (OUTAGES,),
    ),
    Mutant(
        "interval-forgets-its-rest",
        "what a channel could not report in whole units is dropped at each interval",
        "firmware.profile.gathering",
        "self._amounts[place] = amount + value * unit",
        "self._amounts[place] = level",
        (QUARTER,),
    ),
)

STORAGE: Final[tuple[Mutant, ...]] = (
    Mutant(
        "skip-crc",
        "a record is believed whatever its CRC says",
        "firmware.storage.record",
        "    if _check(data[:_COVERED], payload) != header.crc:\n        return Defect.CRC\n",
        "",
        (CUTS,),
    ),
    Mutant(
        "ignore-power-fail",
        "nothing is saved at power fail",
        "firmware.storage.power_fail",
        "        self.failing = True\n        self.failures += 1\n        self._flags.set(_FAIL, at_ns)\n",
        "        self.failing = True\n",
        (OUTAGES,),
    ),
    Mutant(
        "older-save",
        "a boot goes on from the save before the newest",
        "firmware.storage.store",
        "                state, save = parse_state(record.payload), record.sequence\n                break\n",
        "                if save or record.sequence == 1:\n"
        "                    state, save = parse_state(record.payload), record.sequence\n"
        "                    break\n"
        "                save = record.sequence\n",
        (OUTAGES,),
    ),
    Mutant(
        "told-too-soon",
        "an event is called whole while it still waits to be written",
        "firmware.core",
        "        self._write(log.ring, build_entry(entry), written)\n",
        "        self._write(log.ring, build_entry(entry), lambda _place: None)\n"
        "        written(self.store.rings[log.ring].newest_sequence + 1)\n",
        (OUTAGES, CUTS),
    ),
    Mutant(
        "program-while-busy",
        "a program is started without a look whether the flash is busy",
        "firmware.storage.flash_port",
        "        await task.work(PAGE_COST)\n        await self._free(task, user)\n"
        "        begin(self.flash, operation)\n"
        "        await self._free(task, user)\n",
        "        await task.work(PAGE_COST)\n        begin(self.flash, operation)\n"
        "        await self._free(task, user)\n",
        (OUTAGES,),
    ),
    Mutant(
        "program-without-erase",
        "sectors are used again without an erase",
        "firmware.storage.ring",
        "        yield Erase(sector)\n",
        "",
        (OUTAGES, QUARTER),
    ),
)

PROGRAMMING: Final[tuple[Mutant, ...]] = (
    Mutant(
        "programme-in-ram",
        "a change is acknowledged and in force, and never written",
        "firmware.programming.service",
        "            self._request = request\n            self._core.store.put(request, self._core.kernel.now)\n",
        "            request.written(0)\n",
        (PROGRAMMED,),
    ),
    Mutant(
        "ratio-without-rescaling",
        "another transformer ratio is put before registers that were made for the old one",
        "firmware.tariff.tariff",
        "        if factor != 1:\n",
        "        if factor < 0:\n",
        (PROGRAMMED,),
    ),
    Mutant(
        "passive-tariff-forgotten",
        "a passive tariff that is due in an outage waits for ever",
        "firmware.programming.service",
        "        if not before and not programme.due(utc_s):\n            return False\n",
        "        if not before:\n            return False\n",
        (PROGRAMMED,),
    ),
)

TASKS: Final[tuple[Mutant, ...]] = (
    Mutant(
        "work-too-long",
        "housekeeping takes longer than it declares",
        "firmware.clock.tasks",
        "            await task.work(_HOUSEKEEPING)\n",
        "            await task.work(Cost(600_000, 900_000))\n",
        (QUARTER,),
    ),
    Mutant(
        "stamp-in-local-time",
        "events bear the local time for UTC",
        "firmware.core",
        "        self.log_at(event, self.clock.utc_s(self.kernel.now), self.clock.status, detail, phase, duration_s)\n",
        "        utc_s = self.clock.utc_s(self.kernel.now)\n"
        "        utc_s += self.config.clock.zone.offset(utc_s)\n"
        "        self.log_at(event, utc_s, self.clock.status, detail, phase, duration_s)\n",
        (BATTERY,),
    ),
    Mutant(
        "cover-unwatched",
        "the opening of the terminal cover is logged as its closing",
        "firmware.events.inputs",
        "            event = WATCHED[self._which][not state]\n",
        "            event = WATCHED[self._which][1]\n",
        (OUTAGES,),
    ),
    Mutant(
        "chatter-unlimited",
        "an input that chatters leaves an entry for each change",
        "firmware.events.chatter",
        "        return not (self.chatters or full)\n",
        "        return True\n",
        (OUTAGES,),
    ),
)

MUTANTS: Final = (*TARIFF, *BATTERY_FAILURE, *ENERGY, *STORAGE, *PROGRAMMING, *TASKS)
