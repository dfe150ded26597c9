"""Writes the TypeScript types of the API, `ui/src/api/schema.d.ts`, from the OpenAPI document of the gateway.

`python -m deploy.local.api_types`
"""

import json
import tempfile
from pathlib import Path

from deploy.local.ui import find_npm, install_npm, run
from gateway.app import create
from gateway.http.openapi import openapi_document


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(openapi_document(create())))
        run(find_npm() or install_npm(), "run", "--silent", "api", "--", str(document))


if __name__ == "__main__":
    main()
