"""Packages of the operating system: installed only where they are missing, and announced first.

With `SYSTEM=no` nothing is installed: the command says what is missing, and how to get it. The standard library alone:
the installer runs before anything else is there.
"""

import os
import shutil
import subprocess

COMMAND = "apt-get install -y --no-install-recommends"


def install(purpose: str, *packages: str) -> bool:
    """Install those of Debian's `packages` that are missing; whether all are there now."""
    missing = [package for package in packages if not is_installed(package)]
    if not missing:
        return True
    if os.environ.get("SYSTEM") == "no" or os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"Missing for {purpose}: {COMMAND} {' '.join(missing)}", flush=True)
        return False
    print(f"Installing for {purpose}, through apt-get: {' '.join(missing)}  (SYSTEM=no only prints this)", flush=True)
    run("apt-get", "update", "-qq")
    return run(*COMMAND.split(), "-qq", *missing)


def is_installed(package: str) -> bool:
    """Whether Debian's package is installed."""
    try:
        asked = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout == "installed"
    except OSError:
        return False


def run(*command: str) -> bool:
    """Run a command without questions; its errors are shown."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    ended = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    return ended.returncode == 0
