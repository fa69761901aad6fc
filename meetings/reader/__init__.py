"""The meeting page: agenda, transcript, and the offer behind its free part."""
