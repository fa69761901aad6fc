"""The member's own pages: the offer and the account."""
