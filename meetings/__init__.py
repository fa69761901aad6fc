"""What is read: meetings, transcripts, articles."""
