"""Take a snapshot of a project's labels and count what is in it, without anybody having to stop editing.

    python snapshot.py URL TOKEN PROJECT [--at 2026-01-31T08:00]

TOKEN comes from POST /api/v1/tokens. Needs nothing but Python. The lines are read as they come, whatever their number;
with --at they are the labels of that moment.
"""

import argparse
import gzip
import json
from collections import Counter
from datetime import datetime
from typing import Any
from urllib.request import Request, urlopen


def ask(url: str, token: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    return urlopen(Request(url, data, headers))  # noqa: S310  the address is the caller's own


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("url", "token", "project", "--at"):
        parser.add_argument(name)
    wanted = parser.parse_args()
    api = f"{wanted.url.rstrip('/')}/api/v1"
    at = datetime.fromisoformat(wanted.at).timestamp() if wanted.at else None
    with ask(f"{api}/projects/{wanted.project}/snapshots", wanted.token, {"at": at}) as answer:
        snapshot = json.load(answer)
    print(f"{snapshot['objects']} objects of {snapshot['media']} media, {snapshot['size_bytes']} bytes")
    found: Counter[tuple[str, str]] = Counter()
    with ask(f"{api}/snapshots/{snapshot['id']}/lines", wanted.token) as packed, gzip.open(packed) as lines:
        for line in lines:
            label = json.loads(line)
            found[label["category"], label["annotation_type"]] += 1
    for (category, annotation_type), count in found.most_common():
        print(f"{count:8} {category} ({annotation_type})")


if __name__ == "__main__":
    main()
