"""A thousand edits, deletions, insertions and reorderings made in the table of the history: each is found."""

import pytest

from projects.services.sealing import check_history, seal_events
from tests.tampering import KINDS, Tamperer, an_old_history
from tests.test_access import undone

pytestmark = pytest.mark.django_db


def test_each_is_found_before_and_after_the_next_sealing(size):
    program = an_old_history(60)
    missed = []
    for seed in range(size(40, 1000)):
        kind = KINDS[seed % len(KINDS)]
        with undone():
            tamperer = Tamperer(program, seed)
            tamperer.do(kind)
            found = {fault.event for fault in check_history(program)}
            seal_events(everything=True)
            later = {fault.event for fault in check_history(program)}
        if not found & tamperer.touched or not later & tamperer.touched:
            missed.append((seed, kind))
    assert missed == []
    assert check_history(program) == []
