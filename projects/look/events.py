"""What an event says that was done, in words that a reader's language has. Its verb is stored as it was written."""

from django.utils.translation import gettext_lazy as _

# Verbs that do not read by themselves before the name of what they concern.
WORDS = {
    "asked guest": _("asked the guest"),
    "claim added": _("added a claim about"),
    "claim removed": _("removed a claim about"),
    "drilled down": _("drilled down to"),
    "ended cadence": _("ended the rhythm of"),
    "gate removed": _("took a gate from"),
    "gated": _("put a gate before"),
    "import undone": _("undid the import of"),
    "joined": _("gave a seat to"),
    "left": _("ended the seat of"),
    "lifted": _("took back the layer"),
    "needs": _("changed what must come before"),
    "part of": _("named the whole of"),
    "removed guest": _("took off the roster"),
    "restored review": _("restored the review of"),
    "set cadence": _("set the rhythm of"),
    "spent": _("logged minutes for"),
    "supply added": _("added the supply"),
    "supply removed": _("removed the supply"),
    "weeks off": _("gave weeks off to"),
    "weeks off removed": _("took back weeks off of"),
}


def did(verb: str) -> str:
    """The words for a verb, to be followed by the name of what it concerns."""
    return str(WORDS.get(verb, verb))
