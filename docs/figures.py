"""Draws the pictures of the documentation: `python docs/figures.py` writes docs/figures/*.svg."""

from pathlib import Path

from card import Lanes, Picture

FOLDER = Path(__file__).parent / "figures"


def house() -> Picture:
    p = Picture("house", "The packages, and who may import whom", 408)
    p.box(60, 24, 420, 52, "orange", "sim", "world, devices, board, scenarios, oracles, command")
    p.box(520, 24, 140, 52, "orange", "rig", "boards of real parts")
    p.line(480, 50, 520, 50, "faint")
    p.cross(500, 50)
    p.box(60, 130, 600, 52, "blue", "firmware", "the meter's program: kernel, metrology, tariff, clock, storage, comms")
    p.box(260, 236, 400, 52, "green", "protocols", "wire formats and their state machines: bytes in, events out")
    p.box(60, 342, 600, 52, "green", "hal", "what a board offers: a Protocol for each device, types, units")
    p.down(270, 76, 130)
    p.text(282, 108, "composes", "small")
    p.down(590, 76, 130)
    p.text(578, 108, "composes", "small", "end")
    p.down(460, 182, 236)
    p.down(150, 182, 342)
    p.text(162, 216, "imports these two, and nothing else of ours", "small")
    p.path("M60 50 L28 50 L28 368 L54 368")
    p.head(60, 368, 1, 0)
    p.text(38, 312, "implements", "small")
    p.path("M660 50 L692 50 L692 368 L666 368")
    p.head(660, 368, -1, 0)
    p.text(682, 312, "implements", "small", "end")
    return p


def day() -> Picture:
    p = Picture("day", "What happens from a change of the load to a reading", 318)
    rows = (
        (20, "orange", "world", "a load's next change is put on the mains", "WORLD"),
        (76, "orange", "device", "the ADC fills a block; the alarm of the RTC comes", "DEVICES"),
        (132, "green", "HAL", "an interrupt line; then calls through a handle", "INTERRUPTS"),
        (188, "blue", "firmware", "handler, signal, task, work; then registers and flash", "FIRMWARE"),
        (244, "grey", "protocol, probe", "the readout's bytes; the log, oracles and expectations", "OBSERVERS"),
    )
    for y, colour, name, what, phase in rows:
        p.box(24, y, 150, 42, colour, name)
        p.text(194, y + 26, what)
        p.text(696, y + 26, phase, "small", "end")
    for y, *_ in rows[:-1]:
        p.down(99, y + 42, y + 56)
    return p


PHASES = (
    ("WORLD", "orange", "mains, supply,", "faults"),
    ("DEVICES", "orange", "a byte is there,", "an erase is done"),
    ("INTERRUPTS", "green", "lines reach", "the CPU"),
    ("FIRMWARE", "blue", "the program", "goes on"),
    ("OBSERVERS", "grey", "probes, oracles,", "expectations"),
)


def phases() -> Picture:
    p = Picture("phases", "The phases of one instant", 150)
    p.text(24, 30, "one instant, t", "name")
    for place, (name, colour, *lines) in enumerate(PHASES):
        x = 24 + 138 * place
        p.box(x, 46, 120, 78, colour, name, *lines)
        if place:
            p.right(x - 18, x, 85)
    return p


def rounds() -> Picture:
    p = Picture("rounds", "An effect at the same instant begins a new round", 262)
    names = ("WORLD", "DEVICES", "INTERRUPTS", "FIRMWARE")
    for turn, y in enumerate((40, 160)):
        p.text(24, y + 26, f"round {turn + 1}", "name")
        for place, name in enumerate(names):
            ran = turn == 0 or place > 0
            p.box(104 + 118 * place, y, 104, 42, ("orange", "orange", "green", "blue")[place] if ran else "grey", name)
            if place:
                p.right(90 + 118 * place, 104 + 118 * place, y + 21)
    p.path("M510 82 L510 122 L274 122 L274 154")
    p.head(274, 160, 0, 1)
    p.text(284, 140, "the watchdog is kicked too early: it bites now", "small")
    p.box(590, 160, 106, 42, "grey", "OBSERVERS")
    p.right(562, 590, 181)
    p.path("M562 61 L643 61 L643 154", "faint")
    p.text(652, 116, "not", "small")
    p.text(652, 132, "yet", "small")
    p.text(104, 236, "Both rounds are the same instant. A phase with nothing to do is passed over.", "small")
    return p


def observers() -> Picture:
    p = Picture("observers", "Observers are told when the instant has settled", 220)
    p.box(24, 40, 180, 44, "blue", "FIRMWARE", "publishes record 1")
    p.box(230, 40, 180, 44, "blue", "FIRMWARE, round 2", "publishes record 2")
    p.right(204, 230, 62)
    p.box(506, 40, 180, 44, "grey", "OBSERVERS", "told 1, then 2")
    p.right(410, 506, 62)
    p.box(24, 142, 386, 44, "green", "the canonical log has both lines at once, in order")
    p.down(114, 84, 142)
    p.down(320, 84, 142)
    p.path("M596 40 L596 20 L320 20 L320 34", "ink-red")
    p.head(320, 40, 0, 1, "head-red")
    p.cross(458, 20)
    p.text(468, 142, "An observer that tries to cause", "small")
    p.text(468, 158, "something at this instant is an error.", "small")
    return p


def clocks() -> Picture:
    p = Lanes("clocks", "Three clocks", 232)
    p.left, p.unit = 170, 50
    p.line(162, 50, 690, 50)
    p.text(14, 48, "true time", "name")
    p.text(14, 64, "the world's", "small")
    for tick in range(11):
        p.line(p.x(tick), 44, p.x(tick), 56)
        p.text(p.x(tick), 38, str(tick), "small", "middle")
    p.text(14, 116, "monotonic", "name")
    p.text(14, 132, "the CPU's oscillator", "small")
    p.line(162, 118, 690, 118)
    for tick in range(9):
        p.line(p.x(1 + tick * 1.1), 112, p.x(1 + tick * 1.1), 124, "ink-blue")
        p.text(p.x(1 + tick * 1.1), 106, str(tick), "small", "middle")
    p.mark(1, 56, 112)
    p.text(p.x(1) + 6, 84, "reset: the count begins at 0", "small")
    p.text(14, 184, "RTC", "name")
    p.text(14, 200, "crystal and cell", "small")
    p.line(162, 186, 690, 186)
    for tick in range(11):
        p.line(p.x(0.3 + tick * 0.93), 180, p.x(0.3 + tick * 0.93), 192, "ink-blue")
    p.text(170, 218, "it goes on while the CPU is off, as long as the rail or the cell keeps it", "small")
    return p


def rounding() -> Picture:
    p = Lanes("rounding", "Wake-ups round up", 190)
    p.left, p.unit = 170, 90
    p.text(14, 64, "count m falls", "name")
    p.text(14, 80, "between two ns", "small")
    p.line(162, 70, 690, 70)
    p.line(p.x(2.4), 60, p.x(2.4), 80, "ink-blue")
    p.text(p.x(2.4), 52, "m", "name", "middle")
    p.text(14, 142, "true ns", "name")
    p.line(162, 138, 690, 138)
    for tick in range(6):
        p.line(p.x(tick), 132, p.x(tick), 144)
        p.text(p.x(tick), 162, str(100 + tick), "small", "middle")
    p.path(f"M{p.x(2.4)} 80 L{p.x(3)} 126", "ink-blue")
    p.head(p.x(3), 132, 0, 1, "head-blue")
    p.text(p.x(3) + 10, 112, "woken here: m has been reached", "small")
    p.path(f"M{p.x(2.4)} 80 L{p.x(2)} 126", "faint")
    p.cross(p.x(2), 120)
    p.text(p.x(2) - 16, 112, "a ns too early", "small", "end")
    return p


def busy() -> Picture:
    p = Lanes("busy", "A busy stretch ends later by what interrupts cost", 226)
    p.lane(48, "as asked")
    p.bar(48, 0, 8, "blue", "work: 8 ticks")
    p.lane(138, "as it is")
    for begin, end, colour, words in (
        (0, 3, "blue", "3"),
        (3, 4, "green", "1"),
        (4, 7, "blue", "3"),
        (7, 9, "green", "2"),
        (9, 11, "blue", "2"),
    ):
        p.bar(138, begin, end, colour, words)
    p.event(3, 112, 136, "interrupt")
    p.event(7, 112, 136, "interrupt")
    p.mark(8, 40, 186)
    p.mark(11, 40, 186)
    p.text(p.x(11), 32, "the task goes on here", "small", "middle")
    p.axis(194, 13)
    p.text(p.x(11) + 10, 70, "8 + 1 + 2 = 11", "small")
    return p


def sleep() -> Picture:
    p = Lanes("sleep", "An interrupt ends sleep", 210)
    p.lane(48, "asked for")
    p.bar(48, 0, 12, "grey", "idle until 12")
    p.lane(112, "as it is")
    p.bar(112, 0, 5, "grey", "idle")
    p.bar(112, 5, 7, "green", "handler")
    p.bar(112, 7, 9.5, "blue", "kernel, task")
    p.event(5, 100, 111, "")
    p.text(p.x(5), 94, "interrupt", "small", "middle")
    p.mark(7, 40, 160)
    p.text(p.x(7) + 4, 38, "the kernel is told 7", "small")
    p.axis(170, 13)
    return p


def same_count() -> Picture:
    p = Lanes("same-instant", "An interrupt at t goes before the firmware at t", 246)
    p.lane(48, "ends at t")
    p.bar(48, 0, 5, "blue", "work of task A")
    p.bar(48, 5, 7, "green", "handler")
    p.bar(48, 7, 11, "blue", "the kernel picks")
    p.event(5, 34, 47, "interrupt at 5")
    p.text(p.x(7) + 6, 36, "what the handler made ready is seen", "small")
    p.lane(138, "begins at t")
    p.bar(138, 0, 5, "grey", "idle")
    p.bar(138, 5, 6, "blue", "B")
    p.bar(138, 6, 8, "green", "handler")
    p.bar(138, 8, 12, "blue", "B: the rest of its work")
    p.event(5, 124, 137, "", "blue")
    p.text(p.x(5) - 8, 120, "B causes it at 5", "small", "end")
    p.event(6, 124, 137, "")
    p.text(p.x(6) + 8, 120, "it comes at 6, a tick later", "small")
    p.axis(200, 13)
    return p


def work() -> Picture:
    p = Lanes("work", "work never yields; every other await does", 266)
    p.lane(44, "urgent")
    p.event(2, 40, 74, "released")
    p.bar(44, 7, 9, "orange", "runs")
    p.lane(116, "other")
    p.bar(116, 0, 3, "blue", "work")
    p.bar(116, 3, 5, "blue", "work")
    p.bar(116, 5, 7, "blue", "work")
    p.bar(116, 9, 12, "blue", "goes on")
    p.mark(7, 30, 200)
    p.text(p.x(7) + 6, 172, "await sleep_until, wait_for, release:", "small")
    p.text(p.x(7) + 6, 188, "here, and only here, another may run", "small")
    p.span(p.x(0), p.x(7), 164, "one segment, three calls of work")
    p.axis(216, 13)
    p.text(p.x(0), 254, "It yields at 7 even if what it waits for is there already.", "small")
    return p


def response() -> Picture:
    p = Lanes("response", "A response counts from the nominal release", 222)
    p.lane(72, "a job")
    p.event(0, 66, 100, "nominal release")
    p.event(3, 48, 100, "the trigger comes", "blue")
    p.bar(72, 3, 6, "grey", "others run")
    p.bar(72, 6, 9, "blue", "runs")
    p.bar(72, 9, 10, "grey", "wait")
    p.bar(72, 10, 12, "blue", "runs")
    p.span(p.x(0), p.x(3), 122, "jitter")
    p.span(p.x(3), p.x(12), 122, "waiting, work, waits for devices")
    p.span(p.x(0), p.x(12), 164, "response")
    p.axis(198, 13)
    return p


def blocking() -> Picture:
    p = Lanes("blocking", "Blocking is the longest less urgent segment less one tick", 250)
    p.lane(44, "urgent")
    p.event(1, 40, 74, "released at 1")
    p.bar(44, 6, 9, "orange", "runs")
    p.lane(114, "other")
    p.bar(114, 0, 6, "blue", "a segment of 6 ticks")
    p.span(p.x(1), p.x(6), 168, "blocked: 6 - 1 = 5")
    p.mark(1, 74, 160)
    p.mark(6, 74, 160)
    p.axis(212, 13)
    p.text(p.x(7), 168, "Had it been released at 0, it would have", "small")
    p.text(p.x(7), 184, "been seen at 0, and gone first.", "small")
    return p


def ceiling() -> Picture:
    p = Lanes("ceiling", "A job under a ceiling is blocked once", 300)
    p.lane(44, "other")
    p.bar(44, 0, 3, "blue", "began before")
    p.bar(44, 11, 14, "blue", "its next job")
    p.lane(114, "urgent")
    p.event(1, 110, 144, "")
    p.bar(114, 3, 4, "orange", "")
    p.bar(114, 4, 6, "grey", "page")
    p.bar(114, 6, 7, "orange", "")
    p.bar(114, 7, 9, "grey", "page")
    p.bar(114, 9, 11, "orange", "runs")
    p.event(5, 40, 74, "")
    p.span(p.x(1), p.x(3), 178, "blocked")
    p.span(p.x(5), p.x(11), 208, "the other waits")
    p.mark(1, 144, 170)
    p.mark(5, 74, 200)
    p.mark(11, 144, 200)
    p.axis(252, 14)
    return p


def early() -> Picture:
    p = Lanes("early", "A trigger before its time is held back", 214)
    p.lane(72, "spacing 6")
    p.event(0, 62, 71, "")
    p.event(2, 62, 71, "")
    p.event(10, 62, 71, "")
    p.text(p.x(0), 54, "trigger", "small", "middle")
    p.text(p.x(2), 54, "trigger", "small", "middle")
    p.text(p.x(10) + 16, 54, "the next: too early again", "small", "middle")
    p.bar(72, 0, 2, "blue", "job 1")
    p.bar(72, 2, 6, "grey", "held back")
    p.bar(72, 6, 8, "blue", "job 2")
    p.bar(72, 10, 12, "grey", "held")
    p.bar(72, 12, 13, "blue", "3")
    p.span(p.x(0), p.x(6), 124, "spacing")
    p.span(p.x(6), p.x(12), 124, "spacing")
    p.axis(168, 13)
    p.text(p.x(0), 204, "Job 2 counts as released at 6: its response does not include the hold.", "small")
    return p


def start() -> Picture:
    p = Lanes("start", "All tasks reach their first release before any job begins", 262)
    for y, name, begin, end in ((24, "task A", 0, 1), (74, "task B", 1, 5), (124, "task C", 5, 6)):
        p.lane(y, name)
        p.bar(y, begin, end, "grey")
    p.text(p.x(1) + 10, 44, "start-ups, up to the first", "small")
    p.text(p.x(1) + 10, 62, "await of a release", "small")
    p.mark(6, 50, 184)
    p.bar(24, 6, 7, "blue", "job")
    p.bar(74, 7, 9, "blue", "job")
    p.bar(124, 9, 10, "blue", "job")
    p.bar(24, 12, 13, "blue", "job")
    p.text(p.x(6), 178, "releases count from here", "small", "middle")
    p.span(p.x(6), p.x(12), 194, "A's period")
    p.axis(226, 13)
    return p


def cut() -> Picture:
    p = Picture("power-cut", "A power cut beats a completion at the same instant", 196)
    p.text(24, 34, "one instant, t", "name")
    p.box(24, 52, 190, 60, "red", "WORLD", "the rail collapses")
    p.box(264, 52, 190, 60, "grey", "DEVICES", "the program would be done")
    p.box(504, 52, 190, 60, "grey", "INTERRUPTS", "the CPU would hear of it")
    p.right(214, 264, 82)
    p.right(454, 504, 82)
    p.cross(359, 128)
    p.cross(599, 128)
    p.path("M119 112 L119 152 L258 152")
    p.head(264, 152, 1, 0)
    p.text(272, 157, "the flash keeps what a cut leaves: nothing, all, a part, or random bits", "small")
    return p


def life() -> Picture:
    p = Picture("life", "The end of a life: handles, then coroutines in order, then supplies", 236)
    p.box(24, 44, 190, 48, "red", "1  handles die", "each call does nothing")
    p.box(264, 44, 190, 48, "orange", "2  coroutines close", "in the order of the tasks")
    p.box(504, 44, 190, 48, "grey", "3  devices lose supply", "RAM is gone")
    p.right(214, 264, 68)
    p.right(454, 504, 68)
    p.box(264, 132, 190, 68, "blue", "finally:", "flash.program(...)", "outputs.set(...)")
    p.down(359, 92, 132)
    p.path("M264 166 L119 166 L119 98", "ink-red")
    p.head(119, 92, 0, -1, "head-red")
    p.cross(190, 166)
    p.text(24, 216, "It may run, and can touch nothing; the log has a line for each call that nobody heard.", "small")
    return p


PICTURES = (
    house,
    day,
    phases,
    rounds,
    observers,
    clocks,
    rounding,
    busy,
    sleep,
    same_count,
    work,
    response,
    blocking,
    ceiling,
    early,
    start,
    cut,
    life,
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for draw in PICTURES:
        picture = draw()
        (FOLDER / f"{picture.name}.svg").write_text(picture.svg(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
