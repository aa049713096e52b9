"""Tickers: of one market, of many in a strip, and sparklines for tables."""
