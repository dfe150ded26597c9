"""Take a snapshot of a project's labels while others continue editing, and count its objects.

    python snapshot.py URL TOKEN PROJECT [--at 2026-01-31T08:00]

TOKEN comes from POST /api/v1/tokens. Needs only Python. The lines are streamed, so that their number is not
limited. With --at, the snapshot has the labels at that time.
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
    options = parser.parse_args()
    api = f"{options.url.rstrip('/')}/api/v1"
    at = datetime.fromisoformat(options.at).timestamp() if options.at else None
    with ask(f"{api}/projects/{options.project}/snapshots", options.token, {"at": at}) as answer:
        snapshot = json.load(answer)
    print(f"{snapshot['objects']} objects of {snapshot['media']} media, {snapshot['size_bytes']} bytes")
    counts: Counter[tuple[str, str]] = Counter()
    with ask(f"{api}/snapshots/{snapshot['id']}/lines", options.token) as packed, gzip.open(packed) as lines:
        for line in lines:
            label = json.loads(line)
            counts[label["category"], label["annotation_type"]] += 1
    for (category, annotation_type), count in counts.most_common():
        print(f"{count:8} {category} ({annotation_type})")


if __name__ == "__main__":
    main()
