"""What belongs to the site as a whole: announcements, experience, health, errors, the desk."""
