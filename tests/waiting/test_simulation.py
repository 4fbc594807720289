"""A few weeks of the real services under the virtual clock, beside the fast model of them."""

import pytest

from tests.waiting.model import Model
from tests.waiting.policies import Policy
from tests.waiting.region import make_region
from tests.waiting.report import conserved
from tests.waiting.simulation import Settings, Simulation
from tests.waiting.world import make_sign_ups, only_in

WEEKS = 5


@pytest.mark.django_db
def test_services_and_model_give_everybody_the_same_days():
    world = make_region()
    areas = {number for number, area in enumerate(world.areas) if area.municipality in ("Uitgeest", "Castricum")}
    people = only_in(make_sign_ups(world, seed=1, weeks=WEEKS), areas)[:16]
    ours = Simulation(world, people, Settings(2, renewals=False), weeks=WEEKS).run()
    assert conserved(ours)
    assert len(ours.cycles) >= 2
    assert Model(world, people, Policy(2), weeks=WEEKS).run().people == ours.people
