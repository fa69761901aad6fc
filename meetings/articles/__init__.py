"""Free articles: sentences with their evidence, reports of errors, corrections."""
