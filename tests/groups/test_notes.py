"""The key of what is written down about a whole group (R25)."""

import pytest
from django.db import transaction

from clients.models import SealKey
from groups.models import Cycle, CycleNotes
from groups.services.notes import notes_of
from tests.factories.groups import make_cycle
from tests.groups.locks import threads, wait_until_waiting


@pytest.mark.django_db
def test_the_notes_of_a_cycle_are_made_at_the_first_word_and_stay_the_same():
    cycle = make_cycle()
    notes = notes_of(cycle)
    assert notes_of(cycle) == notes
    assert notes.key.unwrap() == CycleNotes.objects.get().key.unwrap()


@pytest.mark.django_db(transaction=True)
def test_two_who_write_the_first_word_at_once_share_one_key():
    cycle = make_cycle()
    keys = SealKey.objects.count()
    with threads(2) as run:
        with transaction.atomic():
            Cycle.objects.select_for_update().get(pk=cycle.pk)
            both = [run(lambda: notes_of(cycle)) for _ in range(2)]
            wait_until_waiting(2)
        assert len({found.result() for found in both}) == 1
    assert SealKey.objects.count() == keys + 1
