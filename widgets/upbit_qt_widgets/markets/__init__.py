"""The list of markets: search, stars, warnings, live prices."""
