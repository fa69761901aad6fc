"""Bulk exports: all that members may have, as files, at one instant of the database."""
