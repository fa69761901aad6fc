"""Checks of a sentence against what was said: pure functions that know neither Django nor rows.

Each module has `check(text, evidence, transcript)`, which finds what a sentence claims and says
what became of each claim, and `FAILED`: the verdicts that need a written reason to be published.
"""
