"""Pure logic: no IO, no clock, no settings."""
