"""What the publisher's tests meet."""

import pytest

from tests.publisher.organization import Organization


@pytest.fixture
def organization() -> Organization:
    """A Genesys Cloud organization with a receiver."""
    return Organization()
