"""One file of two (R43): what was decided and thought at the end of a round goes along, and can be read."""

from decimal import Decimal

import pytest

from clients.sealing import SealBroken
from groups.enums import MarkSource, OnwardTo, ParticipationState
from groups.models import OnwardStep, ParticipantMark, Participation
from tests.factories.groups import NOW, TODAY, fresh, make_entry, make_waitlist
from tests.factories.intake import make_seat
from tests.intake.test_merging import make_pair, merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return make_pair()


def write_at_the_end(seat):
    """An onward step with a note and a mark with a why, sealed with the key of this seat's client."""
    by = seat.cycle.lead
    step = {"to": OnwardTo.INDIVIDUAL_HELP, "agreed_on": TODAY, "noted_at": NOW, "noted_by": by}
    OnwardStep.objects.create(participation=seat, note="Belt zelf", **step)
    mark = {"score": Decimal("7.5"), "source": MarkSource.PAPER, "given_at": NOW, "noted_by": by}
    ParticipantMark.objects.create(participation=seat, why="Fijne groep", **mark)


def read(client):
    step, mark = (
        model.objects.select_related("participation__client__key").get() for model in (OnwardStep, ParticipantMark)
    )
    assert step.participation.client == mark.participation.client == client
    return step.note, mark.why, mark.score


def test_the_texts_at_the_end_of_a_round_are_sealed_for_the_kept_file(pair):
    write_at_the_end(make_seat(make_entry(make_waitlist(neighbourhood=pair.door), client=pair.other)))
    merge(pair)
    assert read(pair.kept) == ("Belt zelf", "Fijne groep", Decimal("7.5"))
    with pytest.raises(SealBroken):
        fresh(pair.other).key.unwrap()


@pytest.mark.parametrize("gone", ["kept", "other"])
def test_of_two_seats_in_one_cycle_they_go_along_to_the_one_that_stays(pair, gone):
    waitlist = make_waitlist(neighbourhood=pair.door)
    stays = "other" if gone == "kept" else "kept"
    unused = make_seat(make_entry(waitlist, client=getattr(pair, gone)))
    used = Participation.objects.create(
        cycle=unused.cycle,
        client=getattr(pair, stays),
        entry=make_entry(waitlist, client=getattr(pair, stays)),
        invited_at=NOW,
        call_from=TODAY,
    )
    write_at_the_end(unused)
    Participation.objects.filter(pk=unused.pk).update(state=ParticipationState.STOPPED)
    merge(pair)
    assert Participation.objects.get() == used
    assert read(pair.kept) == ("Belt zelf", "Fijne groep", Decimal("7.5"))
