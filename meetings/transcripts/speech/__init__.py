"""Speech recognition: from the sound of a recording to words with times, and doubts about them."""
