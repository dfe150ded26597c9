"""HTTP, UI, accounts and the live stream."""
