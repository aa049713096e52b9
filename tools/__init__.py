"""The parts of dev.py, one job each; standard library only."""
