"""Who may read, and how that is paid for."""
