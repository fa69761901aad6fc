"""The pages of a member, a module for each subject."""
