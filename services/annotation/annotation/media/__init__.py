"""Media, as far as labels depend on them."""
