"""Pins every package, by hash and without a registry's address, into `requirements/*.txt`.

`dev.txt` holds everything this repository runs with; each service's file, for its image, is a part of it.
`validators.txt` is for the tests' second environment alone.
Pins stay as they are unless a requirement asks for another; `--upgrade` takes the newest.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = Path("requirements")
SERVICES = sorted(path.parent for path in ROOT.glob("services/*/pyproject.toml"))
OPTIONS = [
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
]
MEMBERS = ["common", *(service.name for service in SERVICES)]


def main() -> None:
    options = sys.argv[1:]
    for name in ("build", "node"):
        compile_to(f"{name}.txt", str(REQUIREMENTS / f"{name}.in"), *options)
    without = ("--excludes", str(REQUIREMENTS / "validators.without"))
    compile_to("validators.txt", str(REQUIREMENTS / "validators.in"), *without, *options)
    compile_to("dev.txt", "pyproject.toml", "--group", "dev", *options)
    for service in SERVICES:
        source = service.relative_to(ROOT) / "pyproject.toml"
        compile_to(f"{service.name}.txt", str(source), "--constraints", str(REQUIREMENTS / "dev.txt"), *options)


def compile_to(name: str, *arguments: str) -> None:
    members = [f"--no-emit-package=tracklane-{member}" for member in MEMBERS]
    command = [str(Path(sys.executable).with_name("uv")), "pip", "compile", *OPTIONS, *members, *arguments]
    subprocess.run([*command, "--output-file", str(REQUIREMENTS / name)], check=True, cwd=ROOT)
    print(f"{name}: {(ROOT / REQUIREMENTS / name).read_text().count('==')} packages")


if __name__ == "__main__":
    main()
