"""What every Tracklane service shares: contracts, the three roads and the service shell."""
