"""A page says how fresh it is, keeps its last picture while it is cut off, and is right again without a reload."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Opens
from tests.browser.window import Window
from tests.cable import cable

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUT_OFF = r"Failed to load resource: net::|WebSocket connection to|server responded with a status of 50"
"""What the browser itself says of a line that is cut."""
