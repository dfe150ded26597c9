"""The services, each of which owns its database, its subjects and its NATS user."""

SERVICES = ("gateway", "ingest", "frames", "annotation", "inference", "export")
