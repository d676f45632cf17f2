"""The form of a supply, with its stated capacities as rows, and of a claim."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from projects.form_fields import DayField, NumberField, VersionedForm, choose_from, goal_and_team
from projects.memo_fields import MemoField
from projects.models import Claim, Factor, Goal
from projects.services.supplies import Stated

MOST_CAPACITIES = 40


class SupplyForm(VersionedForm):
    """Need, growth and, in `CapacityFormSet` beside it, the capacities."""

    factor = forms.CharField(
        label=_("Factor"),
        max_length=160,
        widget=forms.TextInput(attrs={"list": "known-factors", "autocomplete": "off"}),
        help_text=_("What is supplied: power, memory, launches. One that is known, or a new one."),
    )
    unit = forms.CharField(label=_("Unit of capacity"), max_length=60, help_text=_("Such as: launches a year."))
    need_low = NumberField(label=_("Need per unit of output, from"))
    need_high = NumberField(label=_("to"), required=False, help_text=_("Empty: exactly that."))
    beyond = NumberField(label=_("Only past an output of"), required=False, help_text=_("Empty: from the start."))
    growth_low = NumberField(label=_("Growth, % a year, from"), required=False)
    growth_high = NumberField(label=_("to"), required=False)
    growth_assumed = forms.BooleanField(label=_("The growth is an assumption: no source states it"), required=False)
    goal = forms.ModelChoiceField(
        label=_("Measured by the goal"),
        queryset=Goal.objects.none(),
        required=False,
        help_text=_("Its datapoints are the capacity where none is stated below."),
    )
    memo = MemoField(
        label=_("Memo"), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Where the numbers come from.")
    )

    def __init__(self, *args, program, supply=None, **kwargs):
        super().__init__(*args, **kwargs)
        goals = Goal.objects.active().filter(team__program=program).select_related("team")
        choose_from(self, "goal", goals.order_by("team__name", "name"), goal_and_team)
        self.fields["version"].required = supply is not None
        if supply is not None:
            del self.fields["factor"]
            self.fields["memo"].label = _("Why it changes")

    def clean_factor(self):
        return " ".join(self.cleaned_data["factor"].split())

    def clean(self):
        data = super().clean() or self.cleaned_data
        low = data.get("need_low")
        if low is not None:
            data["need_high"] = low if data.get("need_high") is None else data["need_high"]
            if not 0 < low <= data["need_high"]:
                self.add_error("need_low", _("The need runs from low to high, above 0."))
        data["beyond"] = data.get("beyond") or 0.0
        if data["beyond"] < 0:
            self.add_error("beyond", _("An output is 0 or more."))
        slow, fast = data.get("growth_low"), data.get("growth_high")
        if fast is None and slow is not None and "growth_high" not in self.errors:
            data["growth_high"] = fast = slow
        if (slow is None) != (fast is None) or (slow is not None and not -100 < slow <= fast <= 100_000):
            self.add_error("growth_low", _("Give the growth from low to high, above −100 % a year, or neither."))
        return data


class CapacityForm(forms.Form):
    on = DayField(label=_("On"))
    low = NumberField(label=_("From"))
    high = NumberField(label=_("To"), required=False)
    source = forms.CharField(label=_("Source"), max_length=300)

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("low") is not None:
            data["high"] = data["low"] if data.get("high") is None else data["high"]
            if not 0 <= data["low"] <= data["high"]:
                self.add_error("low", _("A capacity runs from low to high, 0 or more."))
        return data


class BaseCapacityFormSet(BaseFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = _("Remove this row")

    def clean(self):
        days = [form.cleaned_data["on"] for form in self.kept() if "on" in form.cleaned_data]
        if len(days) != len(set(days)):
            raise ValidationError(_("Two capacities are stated for one day."))

    def kept(self) -> list[forms.Form]:
        return [form for form in self.forms if form.has_changed() and form not in self.deleted_forms]

    def stated(self) -> list[Stated]:
        """What is left once the emptied rows are gone; call it on a valid set."""
        return sorted(
            Stated(**{name: form.cleaned_data[name] for name in Stated._fields})
            for form in self.forms
            if form.cleaned_data.get("on") and form not in self.deleted_forms
        )


CapacityFormSet = formset_factory(
    CapacityForm,
    formset=BaseCapacityFormSet,
    extra=2,
    can_delete=True,
    max_num=MOST_CAPACITIES,
    validate_max=True,
    absolute_max=MOST_CAPACITIES + 10,
)


class ClaimForm(forms.ModelForm):
    class Meta:
        model = Claim
        fields = ["question", "says", "source", "on"]
        field_classes = {"on": DayField, "says": MemoField}
        widgets = {"says": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, factor: Factor, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.factor = factor

    def clean_question(self):
        return " ".join(self.cleaned_data["question"].split())

    def clean_source(self):
        return " ".join(self.cleaned_data["source"].split())
