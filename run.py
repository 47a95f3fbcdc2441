#!/usr/bin/env python3
"""Install what is needed into a virtual environment of the project's own, then start the app or the tests.

    python3 run.py            the app on http://localhost:8501
    python3 run.py test       the whole test suite, browser tests included

Further words are handed on (`python3 run.py --server.port 8600`, `python3 run.py test tests/core`). Needs Python
3.11 or newer and nothing else; the browser tests need Chromium or Chrome, and fetch one if there is none.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")


def environment_python() -> Path:
    """The Python of the project's environment; Windows keeps it in another folder."""
    windows = os.name == "nt"
    return ENVIRONMENT / ("Scripts" if windows else "bin") / ("python.exe" if windows else "python")


def make_environment() -> None:
    """Make the virtual environment; Debian and Ubuntu keep the part of Python that does it in a package of its own."""
    print(f"Making a virtual environment in {ENVIRONMENT.name} ...", flush=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        sys.exit(
            "This Python cannot make virtual environments. On Debian or Ubuntu: sudo apt install python3-venv"
        )


def install(requirements: str) -> None:
    """Bring the environment up to a requirements file, unless that was done for exactly this file before."""
    wanted = b"".join(path.read_bytes() for path in sorted(ROOT.glob("requirements*.txt")))
    mark = ENVIRONMENT / f".{requirements}.installed"
    digest = hashlib.sha256(wanted).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return
    if not environment_python().exists():
        make_environment()
    print(f"Installing {requirements}; the first time this takes some minutes ...", flush=True)
    pip = [str(environment_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "-r", str(ROOT / requirements)], check=False).returncode:
        sys.exit("The installation did not finish; pip's own words stand above. Start again to continue it.")
    mark.write_text(digest)


def find_browser() -> None:
    """Let Playwright fetch its own Chromium where the system has none."""
    if os.environ.get("CHROMIUM") or any(map(shutil.which, BROWSERS)):
        return
    print("No Chromium or Chrome found: fetching one for the browser tests ...", flush=True)
    subprocess.run([str(environment_python()), "-m", "playwright", "install", "chromium"], check=True)


def main(words: list[str]) -> int:
    """Do what the words ask for and return the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036  an older Python reads this file too
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}.")
        return 1
    if words[:1] == ["test"]:
        install("requirements-dev.txt")
        find_browser()
        command = [
            "-m",
            "pytest",
            "-n",
            "2",
            "--dist",
            "worksteal",
            *words[1:],
        ]  # two at a time: two cores are enough
    else:
        install("requirements.txt")
        command = ["-m", "streamlit", "run", str(ROOT / "app.py"), *words]
    try:
        return subprocess.run([str(environment_python()), *command], cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:  # Ctrl+C is how the app is stopped
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
