"""The forms of clips: a module for each."""
