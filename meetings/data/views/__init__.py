"""What the open data are asked for: a module for each subject."""
