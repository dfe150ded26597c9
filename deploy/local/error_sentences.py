"""The browser's English dictionary of errors, generated from the catalogue in `common.contract.errors`.

`python -m deploy.local.error_sentences` writes one file per area; `--check` prints what differs and exits with 1.
"""

import json
import sys
from pathlib import Path

from common.contract.errors import AREAS

FOLDER = Path(__file__).resolve().parents[2] / "services" / "gateway" / "ui" / "src" / "i18n" / "errors" / "en"


def files() -> dict[Path, str]:
    """The content of each file by its path."""
    return {FOLDER / f"{area}.json": _sentences(area) for area in AREAS}


def _sentences(area: str) -> str:
    sentences = {code: entry.sentence for code, entry in sorted(AREAS[area].items())}
    return json.dumps(sentences, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write the files, or compare them."""
    wanted = files()
    if "--check" in sys.argv[1:]:
        stale = [path.name for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
        sys.exit(f"Out of date, run `make schemas`: {', '.join(stale)}" if stale else 0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in wanted.items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
