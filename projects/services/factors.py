"""The shared factors: argued against, and supported."""

import datetime as dt

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.memo import clean_memo
from projects.models import Evidence, Factor, Program
from projects.services.changes import change_row
from projects.services.limits import record_evidence


def challenge_factor(
    *,
    factor: Factor,
    version: int,
    challenge: str,
    answer: str,
    again_on: dt.date,
    today: dt.date,
    by: User,
) -> Factor:
    """The strongest argument that something else binds, and what is answered to it (M6). Raises Conflict.

    An answer may be missing: then the argument stands. The same argument again is a challenge too, today's.
    """
    if again_on <= today:
        raise ValidationError({"challenge_again_on": _("A day after today: until then it counts as challenged.")})
    return change_row(
        row=factor,
        version=version,
        by=by,
        program=None,
        verb="challenged",
        challenge=clean_memo(challenge),
        challenge_answer=clean_memo(answer) if answer.strip() else "",
        challenged_on=today,
        challenge_again_on=again_on,
    )


def add_evidence(*, factor: Factor, program: Program, text: str, url: str, on: dt.date, by: User) -> Evidence:
    """A note or a link that speaks for a factor in one program. The same one twice is one row."""
    text = clean_memo(text)
    kind = Evidence.Kind.LINK if url else Evidence.Kind.NOTE
    known = Evidence.objects.filter(program=program, factor=factor, kind=kind, text=text, url=url).first()
    return known or record_evidence(program=program, factor=factor, kind=kind, on=on, by=by, text=text, url=url)
