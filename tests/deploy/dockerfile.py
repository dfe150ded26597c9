"""deploy/Dockerfile as a list of stages, read the way Docker reads it."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"


@dataclass
class Stage:
    """One FROM with what follows it."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        """The arguments of every such instruction, in order."""
        return [arguments for name, arguments in self.steps if name == instruction]

    @property
    def command(self) -> list[str]:
        """What a container of it runs; empty if the stage says nothing itself."""
        found: list[str] = json.loads(self.all("CMD")[-1]) if self.all("CMD") else []
        return found

    @property
    def copies(self) -> list[tuple[str | None, list[str], str]]:
        """Each COPY: the stage it takes from, its sources, where they go."""
        found = []
        for arguments in self.all("COPY"):
            words = arguments.split()
            stage = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else None
            found.append((stage, words[:-1], words[-1]))
        return found


def stages() -> dict[str, Stage]:
    """Every stage by name, in order."""
    found: dict[str, Stage] = {}
    for line in lines():
        name, _, arguments = line.partition(" ")
        if name == "FROM":
            match = re.fullmatch(r"(\S+) AS (\S+)", arguments.strip())
            assert match, f"a stage without a name: {line}"
            found[match[2]] = Stage(match[2], match[1])
        else:
            next(reversed(found.values())).steps.append((name, arguments.strip()))
    return found


def lines() -> list[str]:
    text = "\n".join(line for line in DOCKERFILE.read_text().splitlines() if not line.lstrip().startswith("#"))
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
