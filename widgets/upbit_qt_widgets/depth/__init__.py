"""The depth of an order book as a chart."""
