"""The videos of the demonstration meetings, made from their words. A tool for maintainers."""
