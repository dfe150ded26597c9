"""Pure logic, named by noun: no IO, no clock, no settings."""
