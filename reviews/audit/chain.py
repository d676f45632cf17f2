"""The history held against its seals: many rows are read, so this is for the night."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from projects.services.sealing import check_history
from reviews.audit.rule import Found, Scope


def history_broken(scope: Scope) -> Iterator[Found]:
    for program in scope.programs:
        faults = check_history(program, now=scope.now)
        if faults:
            words = {"n": len(faults), "first": str(faults[0])}
            says = ngettext(
                "%(n)s row of its history is not as it was sealed: %(first)s.",
                "%(n)s rows of its history are not as they were sealed; the first: %(first)s.",
                len(faults),
            )
            yield Found("program", program.pk, program.pk, says % words)
