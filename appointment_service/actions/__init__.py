"""What can be done with appointments, the catalogue and tokens; the only place that says events."""
