"""The properties of media that labels depend on."""
