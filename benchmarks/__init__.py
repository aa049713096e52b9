"""Measurements: the toolkit beside what people would use instead. `python dev.py bench` runs them."""
