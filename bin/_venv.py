"""Sees to .venv: made when absent, redone when an earlier installation was cut short, renewed with the requirements.

Usage: _venv.py [--dev] ARGUMENTS… runs .venv's Python with the arguments. Standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
DONE = VENV / "installed"
BUSY = VENV / "installing"


def main(arguments):
    development = arguments[:1] == ["--dev"]
    lists = ["requirements.txt", "requirements-dev.txt"] if development else ["requirements.txt"]
    if not is_ready(lists):
        try:
            with open(".venv.lock", "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not is_ready(lists):
                    install(lists)
        except PermissionError as error:
            give_up(
                f"No permission to write in {Path.cwd() / error.filename}. Clone Socius into a directory of your own."
            )
    os.environ.pop("PYTHONHOME", None)
    os.execv(PYTHON, [str(PYTHON), *arguments[development:]])


def stamps(lists):
    """One line per list of requirements: its name and what it said, with the Python it was installed for."""
    version = sys.version.split()[0]
    return {f"{name} {version} {hashlib.sha256(Path(name).read_bytes()).hexdigest()}" for name in lists}


def is_ready(lists):
    try:
        return not BUSY.exists() and stamps(lists) <= set(DONE.read_text().splitlines()) and os.access(PYTHON, os.X_OK)
    except FileNotFoundError:
        return False


def install(lists):
    try:
        import ensurepip  # noqa: F401, PLC0415 (Debian packs it apart, so it may be absent)
        import venv  # noqa: F401, PLC0415
    except ImportError:
        name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        give_up(f"This Python cannot make virtual environments. Install them (Debian, Ubuntu: apt install {name}).")
    if BUSY.exists():
        say("An earlier installation was cut short; starting it again.")
        shutil.rmtree(VENV)
    if not works():
        shutil.rmtree(VENV, ignore_errors=True)
        say("Setting up Socius' own Python environment in .venv (once, about half a minute) …")
        VENV.mkdir()
        BUSY.touch()
        run([sys.executable, "-m", "venv", str(VENV)], "Making .venv failed.")
    else:
        say("Bringing .venv up to date …")
        BUSY.touch()
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-warn-script-location", "--root-user-action=ignore", "-r", lists[-1]]
    run(command, "Installing the requirements failed: is there a network? What pip said stands above.")
    DONE.write_text("\n".join(sorted(stamps(lists))) + "\n")
    BUSY.unlink()


def works():
    """Whether .venv has a Python of this version with pip in it (a system upgrade may have taken it away)."""
    check = f"import pip, sys; sys.exit(sys.version_info[:3] != {sys.version_info[:3]})"
    try:
        return subprocess.run([PYTHON, "-c", check], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def run(command, sentence):
    if subprocess.run(command, stdin=subprocess.DEVNULL).returncode:
        give_up(sentence)


def say(sentence):
    print(sentence, file=sys.stderr, flush=True)


def give_up(sentence):
    sys.exit(sentence)


try:
    main(sys.argv[1:])
except KeyboardInterrupt:
    sys.exit(130)
