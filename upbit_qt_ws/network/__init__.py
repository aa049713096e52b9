"""The network side: the event loop, the links to the exchange, their recovery and their limits."""
