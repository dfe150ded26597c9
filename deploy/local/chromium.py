"""Finds the browser for the browser tests, or installs one: `python -m deploy.local.chromium`."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from deploy.local import system

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The last one is for Playwright's own driver, which a minimal system cannot start without it.
_PACKAGES = ("chromium", "fonts-noto-cjk", "libatomic1")

MISSING = """Chromium, which the browser tests need, is not installed and could not be installed.
On Debian or Ubuntu:  apt-get install {packages}
Anywhere:             .venv/bin/python -m playwright install --with-deps chromium"""


def find_chromium() -> Path | None:
    """The machine's Chromium, or the one that Playwright installed."""
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    if not driver_starts():
        return None
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def main() -> None:
    """Ensure that a browser and its driver start on this machine."""
    if is_usable():
        return
    system.install("the browser tests", *_PACKAGES)
    if not is_usable() and os.environ.get("SYSTEM") != "no":
        print("Installing Chromium through Playwright", flush=True)
        system.run(sys.executable, "-m", "playwright", "install", "chromium")
    if not is_usable():
        sys.exit(MISSING.format(packages=" ".join(_PACKAGES)))


def is_usable() -> bool:
    chromium = find_chromium()
    return chromium is not None and system.run(str(chromium), "--version") and driver_starts()


def driver_starts() -> bool:
    return system.run(sys.executable, "-m", "playwright", "--version")


if __name__ == "__main__":
    main()
