"""The order book of one market, as rows and as a chart."""
