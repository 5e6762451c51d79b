"""Where numba is told to keep its kernels, and that it can."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from sim import jit_cache


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Packages that can't be written to, no home, and a folder for what is temporary."""
    monkeypatch.delenv(jit_cache.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(jit_cache, "_writable", lambda _folder: False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(jit_cache.VARIABLE, "/somewhere")
    assert jit_cache.prepare().folder == Path("/somewhere")
    assert os.environ[jit_cache.VARIABLE] == "/somewhere"


def test_numba_is_left_alone_where_it_finds_a_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(jit_cache.VARIABLE, raising=False)
    monkeypatch.setattr(jit_cache, "_ROOT", tmp_path)
    assert jit_cache.prepare().reason == "beside the source"
    monkeypatch.setattr(jit_cache, "_ROOT", Path("/proc/nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jit_cache.prepare().folder == tmp_path / "numba"
    assert jit_cache.VARIABLE not in os.environ
    assert not (tmp_path / "numba").exists(), "looking leaves nothing behind"


def test_without_any_a_folder_of_ones_own_is_made(nowhere: Path) -> None:
    place = jit_cache.prepare()
    assert place.folder is not None
    assert place.folder.parent == nowhere
    assert os.environ[jit_cache.VARIABLE] == str(place.folder)
    found = place.folder.stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert jit_cache.find() == place, "what was told is not taken for the user's word"
    os.environ.pop(jit_cache.VARIABLE)
    assert jit_cache.find().folder == place.folder, "the next run finds what this one compiled"


@pytest.mark.parametrize("trap", ["open-to-others", "link", "file"])
def test_a_folder_that_others_may_write_to_is_not_used(nowhere: Path, tmp_path: Path, trap: str) -> None:
    usual = nowhere / f"meterbench-numba-{os.getuid()}"
    if trap == "open-to-others":
        usual.mkdir()
        usual.chmod(0o777)
    elif trap == "link":
        (tmp_path / "target").mkdir()
        usual.symlink_to(tmp_path / "target")
    else:
        usual.write_text("")
    place = jit_cache.find()
    assert place.folder != usual
    if trap == "file":
        assert place.folder is None or place.folder.parent == nowhere
    else:
        assert place.folder is not None
        assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700


def test_no_home_is_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert jit_cache._user_cache() is None


def test_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    def refuse() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "gettempdir", refuse)
    place = jit_cache.prepare()
    assert place.folder is None
    assert jit_cache.VARIABLE not in os.environ
