"""Contracts, geometry, messaging, storage, the sandbox and the application shell: what every service shares."""
