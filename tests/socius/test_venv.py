"""bin/_python and bin/_venv.py on a copy with next to no requirements, so that each set-up takes seconds."""

import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.own_servers


@pytest.fixture
def clone(tmp_path):
    directory = tmp_path / "my clone"
    (directory / "bin").mkdir(parents=True)
    for name in ("_python", "_venv.py"):
        shutil.copy(settings.BASE_DIR / "bin" / name, directory / "bin")
    (directory / "requirements.txt").write_text("# nothing\n")
    (directory / "requirements-dev.txt").write_text("# nothing\n")
    return directory


def run(clone, *arguments, **environment):
    return subprocess.run(
        [clone / "bin" / "_python", *arguments],
        env=os.environ | {"PYTHON": sys.executable} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


HELLO = ("-c", "import sys; print(sys.prefix)")


def test_environment_is_made_once_and_redone_when_cut_short_or_out_of_date(clone):
    first = run(clone, *HELLO)
    assert (first.returncode, first.stdout) == (0, f"{clone}/.venv\n")
    assert "Setting up" in first.stderr
    assert run(clone, *HELLO).stderr == ""

    (clone / ".venv" / "installing").touch()
    half = clone / ".venv" / "half"
    half.touch()
    redone = run(clone, *HELLO)
    assert redone.returncode == 0
    assert "cut short" in redone.stderr
    assert not half.exists()

    (clone / "requirements.txt").write_text("# changed\n")
    assert "up to date" in run(clone, *HELLO).stderr
    assert "up to date" in run(clone, "--dev", *HELLO).stderr
    assert run(clone, *HELLO).stderr == ""

    (clone / ".venv" / "bin" / "python").unlink()
    assert run(clone, *HELLO).returncode == 0


def test_failed_installation_is_explained_and_tried_again(clone):
    (clone / "requirements.txt").write_text("./no-such-package\n")
    failed = run(clone, *HELLO)
    assert failed.returncode == 1
    assert "Installing the requirements failed" in failed.stderr
    (clone / "requirements.txt").write_text("# nothing\n")
    assert run(clone, *HELLO).returncode == 0


def test_old_python_is_explained(clone, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    (old / "python3").write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    (old / "python3").chmod(0o755)
    (old / "dirname").symlink_to(shutil.which("dirname"))
    result = run(clone, *HELLO, PATH=str(old), PYTHON="")
    assert result.returncode == 1
    assert "needs Python 3.11 or newer; this machine has Python 3.9.2" in result.stderr


def test_missing_venv_module_is_explained(clone, tmp_path):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    result = run(clone, *HELLO, PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert "-venv)" in result.stderr
