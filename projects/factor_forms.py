"""Forms about factors: facts, the argument against one, what speaks for it, what binds inside it, what comes next."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.access import WRITERS, factors_of, programs_of, touched_by
from projects.form_fields import DayField, NumberField, VersionedForm, choose_from, goal_and_team
from projects.memo_fields import MemoField
from projects.models import Factor, Goal, Program

AGAIN_AFTER = dt.timedelta(days=Factor.CHALLENGE_EVERY_DAYS)


def memo_field(label, help_text="") -> MemoField:
    return MemoField(label=label, widget=forms.Textarea(attrs={"rows": 2}), help_text=help_text)


def factor_field(label, help_text="") -> forms.CharField:
    """A factor by its name: one that is known, offered by the page's list, or a new one."""
    widget = forms.TextInput(attrs={"list": "known-factors", "autocomplete": "off"})
    return forms.CharField(label=label, max_length=160, widget=widget, help_text=help_text)


class FactorForm(forms.ModelForm):
    """A factor's facts. Each has the day it was true and where it is from."""

    FACTS = (
        *("suppliers", "sold_out_until", "lead_time_days", "true_until"),
        *("solvable_by_money", "solvable_by_time", "solvable_by_permission"),
    )

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Factor
        fields = [
            *("name", "kind", "parent", "suppliers", "sold_out_until", "lead_time_days"),
            *("solvable_by_money", "solvable_by_time", "solvable_by_permission"),
            *("true_until", "facts_as_of", "facts_source", "other_side"),
        ]
        field_classes = dict.fromkeys(("sold_out_until", "true_until", "facts_as_of"), DayField)
        widgets = {"other_side": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        choose_from(self, "parent", factors_of(user).exclude(pk=self.instance.pk))

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean_parent(self):
        parent = self.cleaned_data["parent"]
        if parent and self.instance.pk in {whole.pk for whole in parent.wholes()}:
            raise ValidationError(_("%(name)s is part of this factor already."), params={"name": parent})
        return parent

    def clean(self):
        data = super().clean() or self.cleaned_data
        stated = any(data.get(name) not in (None, "") for name in self.FACTS)
        if stated and not data.get("facts_as_of") and "facts_as_of" not in self.errors:
            self.add_error("facts_as_of", _("When were these facts true? They age."))
        if stated and not (data.get("facts_source") or "").strip() and "facts_source" not in self.errors:
            self.add_error("facts_source", _("Where are these facts from?"))
        if data.get("facts_as_of") and data["facts_as_of"] > self.today:
            self.add_error("facts_as_of", _("This day lies in the future."))
        return data


class ChallengeForm(VersionedForm):
    """The strongest argument that something else binds, and the answer."""

    challenge = MemoField(
        label=_("Strongest counter-argument"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Why something else might bind. As its best advocate would put it."),
    )
    challenge_answer = forms.CharField(
        label=_("Answer to it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Empty while there is none: then the argument stands."),
    )
    challenge_again_on = DayField(label=_("Challenge again on"))


class EvidenceForm(forms.Form):
    """A note or a link that speaks for a factor in one program."""

    program = forms.ModelChoiceField(label=_("In which program"), queryset=Program.objects.none(), empty_label=None)
    text = MemoField(label=_("What speaks for it"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)
    url = forms.URLField(label=_("Link"), required=False, assume_scheme="https")

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        choose_from(self, "program", programs_of(user, WRITERS).active().order_by("name"))


class SupportForm(forms.Form):
    """The factor that a datapoint speaks for."""

    factor = forms.ModelChoiceField(label=_("Factor"), queryset=Factor.objects.none(), empty_label=None)

    def __init__(self, *args, program, **kwargs):
        super().__init__(*args, **kwargs)
        here = Program.objects.filter(pk=program.pk)
        choose_from(self, "factor", Factor.objects.filter(touched_by(here)))


class DeeperForm(forms.Form):
    """The part of what limits that binds."""

    saw = forms.IntegerField(widget=forms.HiddenInput)
    factor = factor_field(_("The part that binds"), _("One that is known, or a new one."))
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Factor.Kind.choices, required=False, help_text=_("Only asked of a new factor.")
    )
    since = DayField(label=_("Since"))
    memo = memo_field(_("Memo"), _("How do you know that this part binds, and not its neighbours?"))

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_since(self):
        if self.cleaned_data["since"] > self.today:
            raise ValidationError(_("This day lies in the future."))
        return self.cleaned_data["since"]


class LiftForm(forms.Form):
    """A part that does not bind after all."""

    memo = memo_field(_("Memo"), _("What showed that it does not bind?"))


class PredictionForm(forms.Form):
    """What limits next."""

    goal = forms.ModelChoiceField(label=_("or a goal"), queryset=Goal.objects.none(), required=False, empty_label="—")
    factor = factor_field(_("Factor"), _("One that is known, or a new one."))
    window_from = DayField(label=_("Earliest"))
    window_to = DayField(label=_("Latest"))
    probability = NumberField(label=_("Probability, %"), help_text=_("That it limits next, within the window."))
    condition = forms.CharField(
        label=_("On the condition that"),
        max_length=200,
        required=False,
        help_text=_("Such as: power is solved. Where it never holds the prediction is void."),
    )
    memo = memo_field(_("Memo"), _("Why this, and why then?"))

    field_order = ["factor", "goal", "window_from", "window_to", "probability", "condition", "memo"]

    def __init__(self, *args, program, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["factor"].required = False
        goals = Goal.objects.active().filter(team__program=program).exclude(outlook__verdict="done")
        choose_from(self, "goal", goals.select_related("team").order_by("team__name", "name"), goal_and_team)

    def clean_factor(self):
        return " ".join(self.cleaned_data["factor"].split())

    def clean_probability(self):
        """0 to 1."""
        percent = self.cleaned_data["probability"]
        if not 0 < percent < 100:
            raise ValidationError(_("A probability lies between 0 and 100 %: nothing ahead is certain."))
        return percent / 100

    def clean(self):
        data = super().clean() or self.cleaned_data
        if bool(data.get("factor")) == bool(data.get("goal")) and not {"factor", "goal"} & self.errors.keys():
            self.add_error("factor", _("Name a factor or choose a goal, one of the two."))
        first, last = data.get("window_from"), data.get("window_to")
        if first and last and last < first:
            self.add_error("window_to", _("The window ends before it begins."))
        return data
