"""What stops a command: said to the person in one line, without a traceback."""


class CannotGoOn(Exception):
    """Something a person can put right; the message says what is so and what to do next."""
