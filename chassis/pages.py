"""Lists that are answered a page at a time."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query


@dataclass(frozen=True)
class Page:
    """Which part of a list is asked for."""

    page: int
    per_page: int

    @property
    def offset(self) -> int:
        """How many come before it."""
        return (self.page - 1) * self.per_page

    def pages(self, total: int) -> int:
        """How many pages hold `total` things."""
        return -(-total // self.per_page)


async def page(
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page:
    """The page that a request asks for; 1 is the first."""
    return Page(page, per_page)


Paged = Annotated[Page, Depends(page)]
"""A route's parameter that is the page it is asked for."""
