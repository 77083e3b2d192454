"""What can be done with visits, a verb a function; the only place, beside the projector, that says events."""
