"""What is decided about a finding, and which findings are shown."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.form_fields import DayField
from projects.memo_fields import MemoField
from reviews.audit import RULES
from reviews.models import Finding

MONTH = dt.timedelta(days=30)


class DecisionForm(forms.Form):
    """A reason: for a quarantine, a release, or for taking up a waived finding."""

    memo = MemoField(label=_("Memo"), max_length=2000, help_text=_("Why; the history keeps it."))


class WaiverForm(DecisionForm):
    until = DayField(label=_("Until"), help_text=_("From the day after it is open again."))

    def __init__(self, *args, today: dt.date, **kwargs):
        super().__init__(*args, initial={"until": today + MONTH}, **kwargs)


class FindingFilterForm(forms.Form):
    """What the page shows; what is not understood filters nothing."""

    state = forms.ChoiceField(required=False, choices=Finding.State.choices)
    rule = forms.ChoiceField(required=False, choices=[(rule.name, rule.title) for rule in RULES])
    program = forms.SlugField(required=False)

    def asked(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}
