"""The page that compares this meter with others names tests that there are, and leaves no row without one."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "meter.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NOT_YET = "not yet: "


def rows() -> list[list[str]]:
    """The cells of each row below a table's head."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    kept = [line for line, after in zip(lines, [*lines[1:], ""], strict=True) if not after.startswith("|---")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in kept if not line.startswith("|---")]


def test_every_test_that_is_named_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = NAMED.findall(text)
    assert len(named) == text.count("::")
    missing = [
        f"{path}::{name}"
        for path, name in sorted(set(named))
        if not (ROOT / path).is_file()
        or not re.search(rf"^ *(async )?def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert not missing


def test_every_row_names_a_test_or_says_what_is_missing() -> None:
    found = rows()
    assert len(found) >= 80
    for row in found:
        assert len(row) == 3, row
        has, ours, shown = (cell.strip() for cell in row)
        assert has, row
        assert ours, row
        if NOT_YET in shown:
            assert len(shown.partition(NOT_YET)[2]) > 10, row
        else:
            assert NAMED.search(shown), row
