"""What is typed on the attention page."""

import uuid
from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.form_fields import DayField, NumberField
from projects.memo_fields import MemoField
from projects.models import Program
from reviews.services.attention import DEFAULT_HOURS, Candidate

MOST_HOURS = 168  # of a week
MOST_DAYS = 1826  # what can be expected of a factor: five years


class PlanForm(forms.Form):
    """The hours that there are, and for each program the days expected and the hours given. Empty: as proposed."""

    hours = NumberField(label=_("Hours that I have"), required=False)

    def __init__(self, *args, found: Sequence[Candidate], **kwargs):
        super().__init__(*args, **kwargs)
        self.found = found
        for one in found:
            self.fields[f"expected-{one.program.pk}"] = NumberField(label=_("Expected days"), required=False)
            self.fields[f"hours-{one.program.pk}"] = NumberField(label=_("Hours"), required=False)

    def clean(self):
        data = super().clean() or self.cleaned_data
        for name, value in list(data.items()):
            most = MOST_DAYS if name.startswith("expected-") else MOST_HOURS
            if value is not None and not 0 <= value <= most:
                self.add_error(name, _("A number from 0 to %(most)d.") % {"most": most})
        return data

    @property
    def total(self) -> float:
        hours = self.cleaned_data.get("hours")
        return DEFAULT_HOURS if hours is None else hours

    def of(self, what: str) -> dict[int, float]:
        """{program id: number} of what was typed for `what`."""
        found = ((one.program.pk, self.cleaned_data.get(f"{what}-{one.program.pk}")) for one in self.found)
        return {program: value for program, value in found if value is not None}


class SpentForm(forms.Form):
    uuid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    program = forms.ModelChoiceField(label=_("Program"), queryset=Program.objects.none(), empty_label=_("Choose …"))
    on = DayField(label=_("On"))
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=24 * 60)
    memo = MemoField(label=_("What for"), max_length=2000)

    def __init__(self, *args, programs, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = programs
        self.today = today

    def clean_on(self):
        if self.cleaned_data["on"] > self.today:
            raise forms.ValidationError(_("This day lies in the future."))
        return self.cleaned_data["on"]
