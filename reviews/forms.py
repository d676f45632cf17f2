"""Forms of reviews. They check; services change."""

import datetime as dt
import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.form_fields import DayField, NumberField, choose_from, goal_and_team
from projects.memo_fields import MemoField
from projects.models import Engineer, Factor, Goal, Program, Seat, Team
from reviews.models import Datapoint, Review, Statement, Turn
from reviews.services.datapoints import Entry, check_open
from reviews.services.statements import Said

LEVELS = [choice for choice in Datapoint.Level.choices if choice[0] != Datapoint.Level.UNKNOWN]


class AgeField(forms.CharField):
    """For how many ms an entry waited in the browser: nothing where a plain form sends it at once, or `unknown`."""

    def __init__(self, **kwargs):
        super().__init__(required=False, widget=forms.HiddenInput, max_length=20, **kwargs)

    def clean(self, value) -> dt.timedelta | None:  # type: ignore[override]
        text = super().clean(value)
        if text == "unknown":
            return None
        try:
            return dt.timedelta(milliseconds=int(text or 0))
        except (ValueError, OverflowError):
            raise ValidationError(_("Not an age in milliseconds."), code="invalid") from None


class EntryForm(forms.Form):
    """One thing said: who, what number, in whose words, and what stops them."""

    uuid = forms.UUIDField(widget=forms.HiddenInput)
    engineer = forms.ModelChoiceField(label=_("Engineer"), queryset=Engineer.objects.none(), empty_label=_("Choose …"))
    goal = forms.ModelChoiceField(label=_("Goal"), queryset=Goal.objects.none(), empty_label=_("Choose …"))
    value = NumberField(label=_("Value"))
    level = forms.ChoiceField(label=_("Said by"), choices=LEVELS, initial=Datapoint.Level.DOER)
    observed_on = DayField(label=_("Observed on"), required=False)  # none: the day on which it was said
    memo = MemoField(
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
    age = AgeField()

    def __init__(
        self,
        *args,
        program: Program,
        team: Team | None = None,
        goal: Goal | None = None,
        review: Review | None = None,
        today,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.program, self.only_goal = program, goal
        goals = (
            Goal.objects.active().filter(team__program=program).select_related("team").order_by("team__name", "name")
        )
        if self.is_bound:  # the one that is chosen comes with all that logging needs of it
            goals = goals.select_related("team__program", "outlook")
        seats = Seat.objects.on(today).filter(team__program=program, team__archived_at__isnull=True)
        if team:
            goals, seats = goals.filter(team=team), seats.filter(team=team)
        choose_from(self, "goal", goals, goal_and_team)
        speaks = Q(pk__in=seats.values("engineer"))
        if review:  # guests sit on no team
            speaks |= Q(pk__in=review.turns.values("engineer"))
        choose_from(self, "engineer", Engineer.objects.filter(speaks))
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


class StatementForm(forms.Form):
    """What is said beside a number, in a turn of this review."""

    uuid = forms.UUIDField()
    engineer = forms.ModelChoiceField(queryset=Engineer.objects.none())
    kind = forms.ChoiceField(choices=Statement.Kind.choices)
    text = forms.CharField(max_length=200, required=False)
    goal = forms.ModelChoiceField(queryset=Goal.objects.none(), required=False)
    make_factor = forms.BooleanField(required=False)
    age = AgeField()

    def __init__(self, *args, review: Review, **kwargs):
        super().__init__(*args, **kwargs)
        self.review = review
        choose_from(self, "goal", Goal.objects.filter(team__program=review.program))
        choose_from(self, "engineer", Engineer.objects.filter(pk__in=review.turns.values("engineer")))

    def said(self) -> Said:
        data = {name: value for name, value in self.cleaned_data.items() if name != "engineer"}
        blocked = data["kind"] == Statement.Kind.BLOCKED
        return Said(**data, factor=factor_named(data["text"], self.review.program) if blocked else None)

    @property
    def turn(self) -> Turn:
        return self.review.turns.get(engineer=self.cleaned_data["engineer"])


class UndoForm(forms.Form):
    """Which entry is taken back."""

    uuid = forms.UUIDField(required=False)  # the undo's own key; a plain form has none
    entry = forms.UUIDField()

    def clean_uuid(self):
        return self.cleaned_data["uuid"] or uuid.uuid4()


class SpellForm(forms.Form):
    """How long an engineer was in focus."""

    uuid = forms.UUIDField()
    engineer = forms.IntegerField()
    seconds = forms.IntegerField(min_value=0, max_value=10**6)


class AbsenceForm(forms.Form):
    absent = forms.BooleanField(required=False)
    why = forms.CharField(label=_("Why absent"), max_length=200, required=False)


class CorrectionForm(forms.Form):
    value = NumberField(label=_("Value"))
    memo = MemoField(
        label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The old value stays visible.")
    )


class CloseForm(forms.Form):
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea(attrs={"rows": 3}), required=False)


class CommentForm(forms.Form):
    uuid = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Your answer"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), strip=True
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["uuid"] = uuid.uuid4()
