"""The pages of clips: a module for each subject."""
