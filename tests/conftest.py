"""What every test may use."""

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says more about the machine than about the code: pytest's own limit is enough.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, which is what the commands run on."""
    return "asyncio"
