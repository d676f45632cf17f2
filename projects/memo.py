"""The memo gate (M11): a memo has meaning, at every door. The only implementation."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

NOTHING = {"", "na", "none", "nil", "null", "tbd", "todo", "test", "memo", "x", "xx", "xxx", "ok", "same", "nocomment"}


def clean_memo(text: str | None, previous: str = "") -> str:
    """`text` without its outer space, or a ValidationError that says why it is no memo."""
    memo = (text or "").strip()
    core = re.sub(r"[\W_]+", "", memo).lower()
    if not memo:
        raise ValidationError(_("A memo is needed: what happened, in a few words."), code="memo_blank")
    if core in NOTHING:
        raise ValidationError(_("“%(memo)s” says nothing. What happened?"), params={"memo": memo}, code="memo_empty")
    if previous and memo.casefold() == previous.strip().casefold():
        raise ValidationError(_("This repeats the last memo word for word. What is new?"), code="memo_copy")
    return memo
