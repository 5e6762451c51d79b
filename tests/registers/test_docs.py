"""The page on registers says what the tables in the code say."""

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_as_written_from_the_code() -> None:
    page = runpy.run_path(str(DOCS / "registers.py"))["page"]()
    assert (DOCS / "registers.md").read_text(encoding="utf-8") == page
