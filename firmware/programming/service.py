"""Programming in the field: how a change gets into flash and into force, and how a passive tariff takes over.

Order of a programming: the parts of the new programme are written, one after the other. Once the last one is whole
the programme is in force; the energy before that is counted, intervals end, and if the ratio is another, so does the
billing period. Then a save tells that all this was done, and only then is the change acknowledged. A cut before the
last part is whole leaves the old programme; a cut between that and the save leaves the new one, and a boot does the
rest over.

A passive tariff acts at its second, or at the first one after an outage; the programme without it is written after
that. A cut before it is whole brings the passive tariff back, and it takes over at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from firmware.comms.upload import Upload
from firmware.config import MeterConfig
from firmware.events.book import log_of
from firmware.events.codes import Event
from firmware.events.logs import newest_first
from firmware.metrology.nameplate import Nameplate
from firmware.programming.in_force import check_fitted, live, waiting
from firmware.programming.journal import newest, split
from firmware.programming.layout import ChangeRefused, parse_change
from firmware.programming.programme import Change, Programme
from firmware.save import MeterState
from firmware.storage.store import Request
from firmware.tariff.billing import BillingSet, BillingSource
from hal.probe import Programmed

if TYPE_CHECKING:
    from firmware.core import Core

RING: Final = "configuration"

_REDONE: Final = {BillingSource.PROGRAMMING, BillingSource.TARIFF_CHANGE}
"""Causes of an end of billing that a programming or an activation makes, with whatever else ends billing then."""

_APART_S: Final = 10
"""So long before a passive tariff takes over nothing is programmed: the two would be written at once."""

_MEASURING: Final = ("clock", "calendar", "demand", "profile", "profile_2", "tariff", "billing")
"""Parts whose change ends intervals."""


def live_config(before: MeterConfig, after: MeterConfig) -> MeterConfig:
    """What is in force when `after` is programmed; ValueError as of `live`."""
    return after.programmed(live(before.settings, after.settings))


class Programming:
    """The programme in force, and the one under way."""

    def __init__(self, core: "Core", works: MeterConfig) -> None:
        """`works` is what the meter was made with. The programme is the newest whole one in flash that fits it, or the
        one of the works; it is looked for before all else, which is made by it."""
        self._core = core
        self._works = works
        self._ring = core.store.recover_first(RING)
        self.upload = Upload()
        """The change that a reader is sending."""
        plate = works.nameplate
        self._made = Programme(0, 0, 0, plate.ct_ratio, plate.vt_ratio, works.settings)
        self._found: dict[int, bytes] = {}
        self.programme = self._made
        self.programme = self._newest(self._fits, self._found) or self._made
        self.waiting: tuple[str, ...] = ()
        """The parts of the settings that are in force only after the next power-up."""
        self.refusal = ""
        """Why the last change was refused, `path: rule`; empty if it was accepted, or none came since power-up."""
        self.untold: Programmed | None = None
        """What is to be told before the next save."""
        self._request: Request | None = None

    def _newest(self, fits: Callable[[Programme], object], records: dict[int, bytes]) -> Programme | None:
        """The newest whole one in flash that fits, and the payloads of its records by their sequence numbers."""
        payloads: dict[int, bytes] = {}

        def read() -> Iterator[tuple[int, bytes]]:
            for record in self._ring.newest_first():
                payloads[record.sequence] = record.payload
                yield record.sequence, record.payload

        found = newest(read(), fits)
        if found is None:
            return None
        records.update({sequence: payloads[sequence] for sequence in sorted(found.sequences)})
        return found.programme

    @property
    def config(self) -> MeterConfig:
        """The configuration of the programme, as it is in force after a power-up."""
        return self._works.programmed(self.programme.settings)

    def _put_into_force(self) -> None:
        """What can be in force of the programme at once is so from now on."""
        core, config = self._core, self.config
        core.config = live_config(core.config, config)
        self.waiting = waiting(core.config.settings, config.settings)

    @property
    def nameplate(self) -> Nameplate:
        """The meter's, with the transformers of the programme."""
        return self._nameplate(self.programme)

    @property
    def passive(self) -> bool:
        """Whether a passive tariff waits."""
        return self.programme.passive is not None

    # Boot

    def recover(self) -> None:
        """Right after all rings have been recovered."""
        if self._found:
            self._core.store.hold(RING, self._found)

    def before(self, state: MeterState) -> Programme:
        """The programme under which a save was made; the one in force if it is not whole in flash any more."""
        number = state.programme
        if number in (0, self.programme.number):
            return self.programme if number else self._made

        def is_it(programme: Programme) -> None:
            if programme.number != number:
                raise ValueError
            self._fits(programme)

        return self._newest(is_it, {}) or self.programme

    def take_over(self, utc_s: int, state: MeterState | None) -> bool:
        """At boot, once the time is known: the passive tariff takes over if it is due, or had done so before. Whether
        this programme's tariff took over since `state`."""
        programme = self.programme
        known = state is not None and state.programme == programme.number
        before = state is not None and known and not state.passive
        if programme.passive is None:
            return known and not before
        if not before and not programme.due(utc_s):
            return False
        self.programme = programme.activated()
        self._put_into_force()
        self._write(self.programme, lambda: None)
        return not before

    def do_over(self, state: MeterState | None, redone: BillingSet | None, activated: bool, utc_s: int) -> None:
        """At boot, once all else is as the save had it: what it does not know of. `redone` is the newest billing set if
        the save does not count it."""
        core, programme = self._core, self.programme
        number = 0 if state is None else state.programme
        ratio = core.tariff.ratio
        if state is not None and (activated or number != programme.number):
            cause = BillingSource.TARIFF_CHANGE if activated else BillingSource.PROGRAMMING
            core.reprogram(utc_s, cause, billed=redone is not None and bool(_REDONE & set(redone.causes)))
        elif ratio != programme.ratio:
            core.rescale()
        if state is not None and programme.number > number and not self._logged(Event.PROGRAMMED):
            core.log(Event.PROGRAMMED, programme.number)
        if programme.number < number:
            core.log(Event.PROGRAMME_LOST, number)
        if activated and not self._logged(Event.TARIFF_ACTIVATED):
            core.log(Event.TARIFF_ACTIVATED, programme.number)
        core.board.probe.publish(self._told(ratio.as_integer_ratio()))

    def _logged(self, event: Event) -> bool:
        """Whether the last event of this kind in flash is about the programme in force."""
        ring = self._core.store.rings[log_of(event).ring]
        told = (entry.detail for _, entry in newest_first(ring) if entry.event is event)
        return next(told, 0) == self.programme.number

    # Programming

    def receive(self, crc: int, author: int, done: Callable[[], None]) -> bool:
        """All of a change has been sent, and this is its CRC-32: put it into force, as `program` does."""
        data = self.upload.take(crc)
        if data is None:
            return self._refuse("change: nothing was sent, or not with this CRC")
        try:
            return self.program(parse_change(data), author, done)
        except ChangeRefused as refused:
            return self._refuse(str(refused))

    def program(self, change: Change, author: int, done: Callable[[], None]) -> bool:
        """Put a change into force; False, and nothing changed, if it does not fit, or not now: `refusal` says why.
        `done` is called once it is in force and can't be lost."""
        core, utc_s = self._core, self._core.utc_s
        passive = self.programme.passive
        if change.empty:
            return self._refuse("change: it changes nothing")
        if self._busy or not core.store.has_room(RING):
            return self._refuse("change: the one before is still being written")
        if passive is not None and passive.activate_s - utc_s < _APART_S:
            return self._refuse(f"passive: it takes over within {_APART_S} s")
        try:
            programme = self.programme.followed_by(change, utc_s, author)
            self._fits(programme)
            check_fitted(self.programme.settings, programme.settings)
            live_config(core.config, self._works.programmed(programme.settings))
            self._write(programme, lambda: self._whole(programme, done))
        except ValueError as error:
            return self._refuse(str(error))
        self.refusal = ""
        return True

    def _fits(self, programme: Programme) -> None:
        """ValueError for a programme that this meter can't have."""
        self._nameplate(programme)
        self._works.programmed(programme.settings)
        self._works.require_room(programme.settings)
        if programme.passive is not None:
            programme.activated()

    def _refuse(self, reason: str) -> bool:
        """The change is refused, whole."""
        self.refusal = reason
        self._core.log(Event.PROGRAMMING_REFUSED, self.programme.number)
        return False

    def _whole(self, programme: Programme, done: Callable[[], None]) -> None:
        """A new programme is in flash: it is in force from now on."""
        core = self._core
        now, utc_s = core.kernel.now, core.utc_s
        core.timekeeping.tell(now)

        def begin() -> None:
            before, config = self.programme.ratio, core.config
            self.programme = programme
            self._put_into_force()
            measuring = any(getattr(core.config, name) != getattr(config, name) for name in _MEASURING)
            if measuring or programme.ratio != before:
                core.reprogram(utc_s)
            core.settings_changed()
            core.log(Event.PROGRAMMED, programme.number)
            self._tell(now, before.as_integer_ratio())
            if self.activate_due(utc_s):
                core.profile.programmed(utc_s, core.profile_rules())

        core.command(begin, done)

    # The passive tariff

    def next_due(self, utc_s: int) -> int | None:
        """The second after `utc_s` at which the passive tariff takes over; None for none."""
        passive = self.programme.passive
        return None if passive is None or passive.activate_s <= utc_s else passive.activate_s

    def activate_due(self, utc_s: int) -> bool:
        """The clock shows `utc_s`, and all energy before it is counted: the tariff takes over if it is due. Whether it
        did; the profile is to be told."""
        core = self._core
        if not self.programme.due(utc_s) or self._busy:
            return False
        self.programme = self.programme.activated()
        self._put_into_force()
        cause = BillingSource.TARIFF_CHANGE
        core.apply(core.tariff.programmed(core.rules(), utc_s, core.clock.status, cause=cause))
        core.log(Event.TARIFF_ACTIVATED, self.programme.number)
        self._tell(core.accounting.counted_ns, self.programme.ratio.as_integer_ratio())
        self._write(self.programme, lambda: None)
        return True

    # Inside

    @property
    def _busy(self) -> bool:
        """Whether a programme is being written. One that the flash did not take is not."""
        return self._request is not None and self._core.store.holds(self._request)

    def _nameplate(self, programme: Programme) -> Nameplate:
        """ValueError for transformers that this meter can't have."""
        return replace(self._works.nameplate, ct_ratio=programme.ct_ratio, vt_ratio=programme.vt_ratio)

    def _tell(self, at_ns: int, before: tuple[int, int]) -> None:
        if self.untold is not None:
            at_ns, before = self.untold.at_ns, self.untold.ratio_before
        self.untold = replace(self._told(before), at_ns=at_ns)

    def _told(self, before: tuple[int, int]) -> Programmed:
        programme = self.programme
        return Programmed(
            number=programme.number,
            at_ns=self._core.kernel.now,
            ratio_before=before,
            ratio=programme.ratio.as_integer_ratio(),
            passive_s=0 if programme.passive is None else programme.passive.activate_s,
        )

    def _write(self, programme: Programme, whole: Callable[[], None]) -> None:
        """Write the parts, each once the one before is whole; ValueError if they are too many."""
        parts = split(programme, self._ring.region.payload_bytes)
        sequences: list[int] = []

        def write() -> None:
            request = Request(RING, parts[len(sequences)], written)
            self._request = request
            self._core.store.put(request, self._core.kernel.now)

        def written(sequence: int) -> None:
            sequences.append(sequence)
            if len(sequences) < len(parts):
                write()
                return
            self._request = None
            self._core.store.hold(RING, dict(zip(sequences, parts, strict=True)))
            whole()

        write()
