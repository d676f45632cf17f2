"""What the scripts of the live page are given: addresses, what is known of goals and engineers, and their words."""

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.memo import NOTHING
from reviews.models import Datapoint, Review


def for_scripts(review: Review, user: User, known: dict, cursor: str, stops: list[str]) -> dict:
    return {
        "user": user.pk,
        "review": review.pk,
        "cursor": cursor,
        "urls": {
            "log": reverse("review_log", args=[review.pk]),
            "say": reverse("review_say", args=[review.pk]),
            "undo": reverse("review_undo", args=[review.pk]),
            "spell": reverse("review_spell", args=[review.pk]),
            "changes": reverse("review_changes", args=[review.pk]),
            "signIn": f"{reverse('account_login')}?next={reverse('signed_in')}",
        },
        "levels": [level for level in Datapoint.Level.values if level != Datapoint.Level.UNKNOWN],
        "nothing": sorted(NOTHING),
        "stops": stops,
        "marks": {
            "blocked": [_("blocked on"), _("blocked by")],
            "free": [_("not"), _("no longer"), _("never")],
            "to": [_("to")],
        },
        "words": words(),
        **known,
    }


def words() -> dict[str, str]:
    """Every sentence that the scripts say; {names} are filled in by them."""
    return {
        # what is wrong with the line
        "no_number": _("Give a number first: 62%, +3, or a goal and its number. = says that nothing is new."),
        "unknown": _("No goal is called “{typed}”."),
        "which": _("Which goal? {names}"),
        "not_a_number": _("“{typed}” is not a number."),
        "either": _("“{typed}” may be {low} or {high}. Write {low_plain} or {high_plain}."),
        "apart": _("Is it {joined}? Write it without the space. Else put a comma after the number."),
        "unit": _("{goal} is counted in {unit}, not in {typed}."),
        "unit_none": _("{goal} has no unit, so “{typed}” cannot be read."),
        "no_unit": _("No goal of theirs is counted in {typed}."),
        "no_stop": _("What stops them? “{typed}” ends too early."),
        "long_stop": _("At most {n} characters for this. Keep the rest for the memo of a number."),
        "no_base": _("{goal} has no value yet that {typed} could be added to."),
        "blank": _("A memo is needed: what happened, in a few words."),
        "empty": _("“{memo}” says nothing. What happened?"),
        "copy": _("This repeats the last memo word for word. What is new?"),
        "reason_blank": _("Why is nothing new? Say it in a few words."),
        # the parse, shown back
        "nothing_new": _("nothing new"),
        "whole_turn": _("for the whole turn"),
        "sum": _("{base} {sign} {change}"),
        "below_zero": _("for a value below zero write “to {typed}”"),
        "last": _("{value} on {day}"),
        "no_value": _("no value yet"),
        # states of an entry
        "waiting": _("waiting"),
        "saving": _("saving"),
        "saved": _("saved"),
        "refused": _("not saved"),
        "retry": _("Try again"),
        "edit": _("Edit"),
        "drop": _("Discard"),
        "undoing": _("Undo"),
        "not_allowed": _("You may not write in this program any more."),
        "not_found": _("The review or the engineer was not found."),
        "server_fault": _("The server failed again and again. What you typed is still here."),
        "too_large": _("The server did not accept it. What you typed is still here."),
        # the queue as a whole
        "all_saved": _("All saved"),
        "n_waiting": _("{n} waiting"),
        "n_refused": _("{n} not saved"),
        "foreign": _("Entries of somebody else wait on this machine: {n}. They are sent when that person signs in."),
        "elsewhere": _("Entries of another review wait too: {n}."),
        "not_lasting": _("This browser keeps nothing on disk: leave this page open while entries wait."),
        "signed_out": _("You are signed out. Go on: what you enter waits here until you sign in."),
        "other_user": _("Somebody else is signed in now. What you entered waits here until you sign in again."),
        "closed": _("This review was closed. What was said before is delivered; what is added now is late."),
        # the room
        "nobody": _("Nobody is on the roster"),
        "everyone": _("Everyone was heard."),
        "whole_engineer": _("Choose who said it."),
        "nothing_to_undo": _("Nothing of yours to undo on this page. The button in a row takes that one back."),
        "undone": _("Taken back. It is in the line again."),
        "stop_saved": _("Noted: {text}"),
        "stop_free": _("Noted: nothing stops them."),
        "level_is": _("Said by: {level}"),
        "prepared_on": _("Prepared material was shown"),
        "prepared_off": _("No prepared material"),
    }
