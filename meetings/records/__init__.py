"""Places, bodies, meetings and their agendas, and the log of what changed."""
