"""The only code of this service that opens media: it runs inside a sandbox, never in the service's own process."""
