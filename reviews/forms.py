"""Forms of reviews. They check; services change."""

import uuid

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.forms import DayField, NumberField, choose_from, goal_and_team
from projects.models import Engineer, Factor, Goal, Program, Seat, Team
from reviews.models import Datapoint
from reviews.services.datapoints import Entry, check_open

LEVELS = [choice for choice in Datapoint.Level.choices if choice[0] != Datapoint.Level.UNKNOWN]


class EntryForm(forms.Form):
    """One thing said: who, what number, in whose words, and what stops them."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    engineer = forms.ModelChoiceField(label=_("Engineer"), queryset=Engineer.objects.none(), empty_label=_("Choose …"))
    goal = forms.ModelChoiceField(label=_("Goal"), queryset=Goal.objects.none(), empty_label=_("Choose …"))
    value = NumberField(label=_("Value"))
    level = forms.ChoiceField(label=_("Said by"), choices=LEVELS, initial=Datapoint.Level.DOER)
    observed_on = DayField(label=_("Observed on"))
    memo = forms.CharField(
        label=_("Memo"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("What happened, in a few words."),
    )
    blocker = forms.CharField(
        label=_("What is stopping you now?"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "known-blockers", "autocomplete": "off"}),
    )
    prepared = forms.BooleanField(label=_("Prepared material was shown"), required=False)

    def __init__(self, *args, program: Program, team: Team | None = None, goal: Goal | None = None, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.program, self.only_goal = program, goal
        goals = (
            Goal.objects.active().filter(team__program=program).select_related("team").order_by("team__name", "name")
        )
        seats = Seat.objects.on(today).filter(team__program=program, team__archived_at__isnull=True)
        if team:
            goals, seats = goals.filter(team=team), seats.filter(team=team)
        choose_from(self, "goal", goals, goal_and_team)
        choose_from(self, "engineer", Engineer.objects.filter(pk__in=seats.values("engineer")))
        self.fields["observed_on"].widget.attrs["max"] = today.isoformat()
        if goal:
            del self.fields["goal"]
        if not self.is_bound:
            self.initial.setdefault("uuid", uuid.uuid4())
            self.initial.setdefault("observed_on", today)

    def clean(self):
        if self.only_goal:
            check_open(self.only_goal)
        return super().clean()

    def entry(self) -> Entry:
        data = {name: value for name, value in self.cleaned_data.items() if name != "goal"}
        return Entry(**data, factor=factor_named(data["blocker"], self.program))


def factor_named(blocker: str, program: Program) -> Factor | None:
    """The factor of this program that a blocker names, whatever its case: what was said is evidence for it."""
    here = Q(limits__program=program) | Q(gates__goal__team__program=program) | Q(evidence__program=program)
    name = " ".join(blocker.split())
    return Factor.objects.filter(here, name__iexact=name).first() if name else None


class CorrectionForm(forms.Form):
    value = NumberField(label=_("Value"))
    memo = forms.CharField(
        label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The old value stays visible.")
    )


class CloseForm(forms.Form):
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
