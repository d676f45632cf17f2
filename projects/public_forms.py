"""Forms about public predictions."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.factor_forms import memo_field
from projects.form_fields import DayField, NumberField, VersionedForm
from projects.memo_fields import MemoField
from projects.models import PublicPrediction


class PublicPredictionForm(forms.ModelForm):
    """What was predicted, by whom, by when, and how it will be judged."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, required=False)
    probability = NumberField(
        label=_("Probability, %"), required=False, help_text=_("Empty where none was stated: it is never invented.")
    )

    class Meta:
        model = PublicPrediction
        fields = ["text", "source", "stated_on", "due_from", "due_on", "probability", "judged_by"]
        field_classes = {
            **dict.fromkeys(("text", "judged_by"), MemoField),
            **dict.fromkeys(("stated_on", "due_from", "due_on"), DayField),
        }
        widgets = {"text": forms.Textarea(attrs={"rows": 3}), "judged_by": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        if not self.is_bound:
            self.initial.setdefault("uuid", uuid.uuid4())

    def clean_uuid(self):
        return self.cleaned_data["uuid"] or uuid.uuid4()

    def clean_stated_on(self):
        if self.cleaned_data["stated_on"] > self.today:
            raise ValidationError(_("This day lies in the future."))
        return self.cleaned_data["stated_on"]

    def clean_probability(self):
        """0 to 1."""
        percent = self.cleaned_data["probability"]
        if percent is not None and not 0 <= percent <= 100:
            raise ValidationError(_("A probability lies in 0 to 100 %."))
        return None if percent is None else percent / 100

    def clean(self):
        data = super().clean() or self.cleaned_data
        stated, first, last = data.get("stated_on"), data.get("due_from"), data.get("due_on")
        if stated and last and last <= stated:
            self.add_error("due_on", _("It is due after it was stated."))
        elif first and last and last < first:
            self.add_error("due_on", _("The window ends before it begins."))
        return data

    def _post_clean(self):
        """Services write; the instance stays as it was read."""


class PublicOutcomeForm(VersionedForm):
    """What came of it."""

    outcome = forms.ChoiceField(label=_("What came of it"), choices=PublicPrediction.Outcome.choices)
    outcome_on = DayField(
        label=_("Known since"), required=False, help_text=_("The day on which it came, or was clear.")
    )
    outcome_memo = memo_field(_("Memo"), _("How is that known? Name the source."))
