"""The memo gate (M11): a memo has meaning, at every door. The only implementation."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from projects import refusals

RULES = {
    "memo_blank": _lazy("Was blank"),
    "memo_empty": _lazy("Said nothing, such as “n/a”"),
    "memo_copy": _lazy("Repeated the last one"),
}
NOTHING = {"", "na", "none", "nil", "null", "tbd", "todo", "test", "memo", "x", "xx", "xxx", "ok", "same", "nocomment"}


def clean_memo(text: str | None, previous: str = "") -> str:
    """`text` without its outer space, or a ValidationError that says why it is no memo. What is refused is counted."""
    memo = (text or "").strip()
    core = re.sub(r"[\W_]+", "", memo).lower()
    if not memo:
        raise _refused("memo_blank", _("A memo is needed: what happened, in a few words."))
    if core in NOTHING:
        raise _refused("memo_empty", _("“%(memo)s” says nothing. What happened?"), memo=memo)
    if previous and memo.casefold() == previous.strip().casefold():
        raise _refused("memo_copy", _("This repeats the last memo word for word. What is new?"))
    return memo


def _refused(code: str, message: str, **params: str) -> ValidationError:
    refusals.note(code)
    return ValidationError(message, params=params or None, code=code)
