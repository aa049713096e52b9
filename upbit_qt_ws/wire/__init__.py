"""Upbit's wire format as pure functions: market codes, topics, requests, frames, tick sizes."""
