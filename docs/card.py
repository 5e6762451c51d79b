"""The card on which a picture of the documentation is drawn: boxes, arrows, lanes of time, as SVG.

A card has a ground of its own, so that it can be read on a light page and on a dark one.
"""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

WIDTH = 720

STYLE = """
.ground { fill: #ffffff; stroke: #d5d8dd; }
text { font: 14px system-ui, "Segoe UI", "Liberation Sans", sans-serif; fill: #22262b; }
.small { font-size: 12px; fill: #555c66; }
.name { font-weight: 600; }
.line { stroke: #8a919b; stroke-width: 1.2; fill: none; }
.faint { stroke: #c3c8cf; stroke-width: 1; stroke-dasharray: 4 4; fill: none; }
.head { fill: #8a919b; }
.box { stroke-width: 1.4; }
.grey { fill: #eceef1; stroke: #8a919b; }
.blue { fill: #d8e8fa; stroke: #3576b8; }
.green { fill: #d9f0df; stroke: #37915a; }
.orange { fill: #fde6cc; stroke: #c9761a; }
.red { fill: #f9dadd; stroke: #c4394b; }
.ink-red { stroke: #c4394b; stroke-width: 2; fill: none; }
.head-red { fill: #c4394b; }
.ink-blue { stroke: #3576b8; stroke-width: 2; fill: none; }
.head-blue { fill: #3576b8; }
@media (prefers-color-scheme: dark) {
.ground { fill: #1c1f24; stroke: #3a3f47; }
text { fill: #e4e7eb; }
.small { fill: #a9b0ba; }
.line { stroke: #8a919b; }
.faint { stroke: #4b515b; }
.grey { fill: #30343b; stroke: #8a919b; }
.blue { fill: #1d3a58; stroke: #6ba6e2; }
.green { fill: #1d4229; stroke: #62bd85; }
.orange { fill: #573a12; stroke: #eaa04c; }
.red { fill: #591f27; stroke: #ec7383; }
.ink-red { stroke: #ec7383; }
.head-red { fill: #ec7383; }
.ink-blue { stroke: #6ba6e2; }
.head-blue { fill: #6ba6e2; }
}
"""


@dataclass
class Picture:
    """One card. Coordinates are pixels from its upper left corner."""

    name: str
    title: str
    height: int
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        self.parts.append(f'<text class="{kind}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>')

    def box(self, x: float, y: float, width: float, height: float, colour: str, *lines: str) -> None:
        """A box with lines of text in its middle; the first is its name."""
        self.parts.append(f'<rect class="box {colour}" x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>')
        top = y + height / 2 - 9 * (len(lines) - 1) + 5
        for place, words in enumerate(lines):
            self.text(x + width / 2, top + 18 * place, words, "" if place == 0 else "small", "middle")

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str = "line") -> None:
        self.parts.append(f'<path class="{kind}" d="M{x1} {y1} L{x2} {y2}"/>')

    def path(self, course: str, kind: str = "line") -> None:
        self.parts.append(f'<path class="{kind}" d="{course}"/>')

    def head(self, x: float, y: float, dx: int, dy: int, kind: str = "head") -> None:
        """The head of an arrow that ends at a point, coming from a direction."""
        if dx:
            points = f"{x},{y} {x - 8 * dx},{y - 4} {x - 8 * dx},{y + 4}"
        else:
            points = f"{x},{y} {x - 4},{y - 8 * dy} {x + 4},{y - 8 * dy}"
        self.parts.append(f'<polygon class="{kind}" points="{points}"/>')

    def right(self, x1: float, x2: float, y: float, colour: str = "") -> None:
        """An arrow to the right, or to the left where `x2` is the smaller."""
        way = 1 if x2 > x1 else -1
        self.line(x1, y, x2 - 6 * way, y, f"ink-{colour}" if colour else "line")
        self.head(x2, y, way, 0, f"head-{colour}" if colour else "head")

    def down(self, x: float, y1: float, y2: float, colour: str = "") -> None:
        """An arrow down, or up where `y2` is the smaller."""
        way = 1 if y2 > y1 else -1
        self.line(x, y1, x, y2 - 6 * way, f"ink-{colour}" if colour else "line")
        self.head(x, y2, 0, way, f"head-{colour}" if colour else "head")

    def span(self, x1: float, x2: float, y: float, words: str) -> None:
        """A length between two marks, with words beneath it."""
        self.line(x1, y - 5, x1, y + 5)
        self.line(x2, y - 5, x2, y + 5)
        self.line(x1, y, x2, y)
        self.text((x1 + x2) / 2, y + 17, words, "small", "middle")

    def cross(self, x: float, y: float) -> None:
        self.line(x - 7, y - 7, x + 7, y + 7, "ink-red")
        self.line(x - 7, y + 7, x + 7, y - 7, "ink-red")

    def svg(self) -> str:
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" '
            f'height="{self.height}" role="img">\n<title>{escape(self.title)}</title>\n<style>{STYLE}</style>\n'
            f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{self.height - 1}" rx="8"/>\n'
            f"{body}\n</svg>\n"
        )


class Lanes(Picture):
    """A picture with time to the right: `unit` pixels a tick, from `left`."""

    left = 120
    unit = 40

    def x(self, tick: float) -> float:
        return self.left + self.unit * tick

    def lane(self, y: float, words: str) -> None:
        self.text(14, y + 20, words, "name")
        self.line(self.left - 8, y + 30, WIDTH - 20, y + 30)

    def bar(self, y: float, begin: float, end: float, colour: str, *lines: str) -> None:
        self.box(self.x(begin), y, self.x(end) - self.x(begin), 30, colour, *lines)

    def axis(self, y: float, last: int, every: int = 1, words: str = "t") -> None:
        self.line(self.left - 8, y, WIDTH - 24, y)
        self.head(WIDTH - 18, y, 1, 0)
        for tick in range(0, last + 1, every):
            self.line(self.x(tick), y - 4, self.x(tick), y + 4)
            self.text(self.x(tick), y + 18, str(tick), "small", "middle")
        self.text(14, y + 5, words, "small")

    def event(self, tick: float, y1: float, y2: float, words: str, colour: str = "red") -> None:
        """Something that happens at an instant: an arrow down, its name above."""
        self.down(self.x(tick), y1, y2, colour)
        self.text(self.x(tick), y1 - 6, words, "small", "middle")

    def mark(self, tick: float, y1: float, y2: float) -> None:
        self.line(self.x(tick), y1, self.x(tick), y2, "faint")
