"""Label formats, one package a family."""
