"""The demo: a small trading terminal on the toolkit, with a simulated exchange or with Upbit."""
