import pytest

from tests.faults.own import OwnServers


@pytest.fixture(scope="session")
def own_servers():
    """PostgreSQL and Valkey that these tests may break; started once, for whichever test asks first."""
    with OwnServers() as servers:
        yield servers
