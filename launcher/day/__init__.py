"""A clinic's day, played over the HTTP routes as its staff would."""
