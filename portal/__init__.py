"""The site around the two apps: settings, addresses, tasks, and the services it runs on."""
