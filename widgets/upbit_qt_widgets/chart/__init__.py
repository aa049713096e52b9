"""The candle chart; it needs the libraries of the extra ``charts``."""
