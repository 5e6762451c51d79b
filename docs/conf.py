"""The documentation's configuration: Markdown by MyST, pages by furo. `make docs` builds it into build/docs."""

import re
import tomllib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

ROOT = Path(__file__).parent.parent

project = "meterbench"
author = "the meterbench authors"
release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"meterbench {release}"
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["code.css"]

_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
"""A test as these pages name it."""


def _check_tests(_app: Sphinx, page: str, source: list[str]) -> None:
    """A page that names a test which is not there is out of date: a warning, which ends the build."""
    for path, test in _TEST.findall(source[0]):
        file = ROOT / path
        if not file.is_file() or (test and f"def {test}(" not in file.read_text(encoding="utf-8")):
            name = f"{path}::{test}" if test else path
            logging.getLogger(__name__).warning("there is no test %s", name, location=page)


def setup(app: Sphinx) -> None:
    app.connect("source-read", _check_tests)
