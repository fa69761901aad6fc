"""What gives the right to read: purchases and memberships."""
