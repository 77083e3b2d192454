"""Who did what, when: what a service's own record of its events says of one thing."""

from contracts.event import Shape
from contracts.shapes import Id, Moment


class Deed(Shape):
    """Something that was done: `actor` is a token's subject, `events` for what followed by itself.

    `what` is the event's name, `thing` what it was done to (visit_5), `became` how that stood afterwards.
    """

    id: Id
    at: Moment
    actor: str
    what: str
    thing: str
    became: str | None
