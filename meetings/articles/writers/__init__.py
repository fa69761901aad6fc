"""Writers: what turns the words of a meeting into the draft of an article."""
