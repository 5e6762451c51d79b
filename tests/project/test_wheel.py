"""The wheel: what it holds, and that it runs from anywhere, without a home or a folder that it may write to."""

import os
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65_534


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_it_holds_the_packages_and_their_data(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("firmware", "hal", "protocols", "rig", "sim"):
        assert f"{package}/__init__.py" in names
        assert f"{package}/py.typed" in names
    shipped = {path.name for path in (ROOT / "sim" / "scenarios").glob("*.toml")}
    assert shipped
    assert shipped == {name.rpartition("/")[2] for name in names if name.startswith("sim/scenarios/")}
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"firmware", "hal", "protocols", "rig", "sim"}
    entry = next(name for name in names if name.endswith("entry_points.txt"))
    assert "meterbench = sim.cli:main" in zipfile.ZipFile(wheel).read(entry).decode()


def test_it_runs_without_a_home_and_without_writable_folders(wheel, tmp_path):
    installed, elsewhere = tmp_path / "installed", tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(installed)
    elsewhere.mkdir()
    for path in [installed, *installed.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    user = {}
    if os.geteuid() == 0:
        # Root may write anywhere; nobody may not, if it can reach this interpreter and the folder at all.
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        for path in [tmp_path, *tmp_path.parents]:
            if path.is_relative_to(tempfile.gettempdir()) and path != Path(tempfile.gettempdir()):
                path.chmod(path.stat().st_mode | 0o055)
    environment = {"PATH": os.defpath, "PYTHONPATH": f"{installed}:{sysconfig.get_path('purelib')}"}
    interpreter = os.path.realpath(sys.executable)
    try:
        reach = subprocess.run([interpreter, "-c", "import numba"], env=environment, cwd=elsewhere, **user)
    except PermissionError:
        pytest.skip("an unprivileged user can't reach this interpreter")
    if reach.returncode != 0:
        pytest.skip("an unprivileged user can't reach this interpreter's libraries")
    program = "from sim.cli import main; main()"
    done = subprocess.run(
        [interpreter, "-c", program, "run", "first-day", "--until", "1min", "--digest"],
        env=environment,
        cwd=elsewhere,
        capture_output=True,
        text=True,
        **user,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()[-1]) == 64
