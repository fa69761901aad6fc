"""Benchmarks. Each prints ratios, and one line of JSON at its end."""
