"""Forms. They check; services change."""

import datetime as dt
import uuid
from typing import cast
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.access import touched_by
from projects.date_forms import ON_THE_WAY, check_gate_on_the_way
from projects.form_fields import DayField, ManyField, NumberField, choose_from, goal_and_team
from projects.memo_fields import MemoField
from projects.models import Decision, Factor, Goal, Intervention, Limit, Membership, Program
from projects.models.interventions import LARGEST_EFFECT
from projects.time import today_in

LONGEST_SPAN = 36_500  # days; a goal's duration beyond a century is a slip of the finger


def _are_shares(team: float | None, whole: float | None) -> bool:
    if team is None or whole is None:
        return team is whole
    return min(team, whole) >= 0 and team <= 1 - whole


class ProgramForm(forms.ModelForm):
    """A program's words and numbers. Its dates only when it is made: later they take a memo."""

    zones = sorted(available_timezones())
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    team_shock = NumberField(
        label=_("Luck shared within a team"),
        required=False,
        help_text=_("Share of a goal's uncertainty, 0 to 1. Empty: the measured 0.15."),
    )
    program_shock = NumberField(
        label=_("Luck shared by all goals"), required=False, help_text=_("Empty: the measured 0.45.")
    )

    class Meta:
        model = Program
        fields = [
            "name",
            "kind",
            "outcome",
            "output_unit",
            "output_target",
            "start",
            "deadline",
            "last_acceptable",
            "on_the_way",
            "on_the_way_by",
            "zone",
            "team_shock",
            "program_shock",
        ]
        field_classes = dict.fromkeys(("start", "deadline", "last_acceptable", "on_the_way_by"), DayField) | {
            "output_target": NumberField
        }
        widgets = {
            "outcome": forms.Textarea(attrs={"rows": 2}),
            "zone": forms.TextInput(attrs={"autocomplete": "off", "list": "zones"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for name in ("deadline", "last_acceptable", *ON_THE_WAY):
                del self.fields[name]

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean(self):
        data = super().clean() or self.cleaned_data
        if "deadline" in self.fields:
            check_gate_on_the_way(self, data, timezone.localdate())
        elif data.get("start") and data["start"] >= min(
            filter(None, (self.instance.deadline, self.instance.last_acceptable)), default=dt.date.max
        ):
            self.add_error("start", _("The deadline must lie after the start."))
        if data.get("kind") == Program.Kind.THROUGHPUT and not data.get("output_unit"):
            self.add_error("output_unit", _("A throughput program needs the unit of what comes out."))
        if data.get("output_target") is not None and data["output_target"] <= 0:
            self.add_error("output_target", _("The target output must be a number above 0."))
        shares = data.get("team_shock"), data.get("program_shock")
        if "team_shock" in data and "program_shock" in data and not _are_shares(*shares):
            self.add_error("program_shock", _("Give both shares or none: each from 0 to 1, together at most 1."))
        return data


class GoalForm(forms.ModelForm):
    """A goal's words and numbers. Target and deadline only when it is made: later they take a memo."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    baseline = NumberField(label=_("Baseline"), help_text=_("Where it stood at the start."))
    target = NumberField(label=_("Target"), help_text=_("Above the baseline or below it: down is as good as up."))
    need_per_unit = NumberField(label=_("Need per unit of output"), required=False)
    lowest = NumberField(label=_("Lowest possible"), required=False)
    highest = NumberField(label=_("Highest possible"), required=False)

    class Meta:
        model = Goal
        fields = [
            "name",
            "unit",
            "baseline",
            "target",
            "start",
            "deadline",
            "on_the_way",
            "on_the_way_by",
            "shortest_days",
            "longest_days",
            "need_per_unit",
            "lowest",
            "highest",
            "cumulative",
            "needs",
        ]
        field_classes = dict.fromkeys(("start", "deadline", "on_the_way_by"), DayField) | {"needs": ManyField}
        widgets = {"needs": forms.CheckboxSelectMultiple}
        labels = {"needs": _("Begins only when these are finished")}

    ADVANCED = ("shortest_days", "longest_days", "need_per_unit", "lowest", "highest", "cumulative", "needs")

    def __init__(self, *args, team, **kwargs):
        super().__init__(*args, **kwargs)
        self.team = team
        others = Goal.objects.active().filter(team__program=team.program).exclude(pk=self.instance.pk)
        choose_from(self, "needs", others.select_related("team").order_by("team__name", "name"), goal_and_team)
        self.fields["needs"].required = False
        if team.program.kind != Program.Kind.THROUGHPUT:
            del self.fields["need_per_unit"]
        if self.instance.pk:
            for name in ("target", "deadline", *ON_THE_WAY):
                del self.fields[name]
        else:
            self.fields["start"].widget.attrs["max"] = "2100-12-31"

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if Goal.objects.filter(team=self.team, name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This team has a goal of this name."))
        return name

    def clean(self):
        data = super().clean() or self.cleaned_data
        target = self.instance.target if self.instance.pk else data.get("target")
        deadline = self.instance.deadline if self.instance.pk else data.get("deadline")
        if target is not None and data.get("baseline") == target:
            self.add_error("baseline", _("Baseline and target are equal: there is nothing to move."))
        if deadline and data.get("start") and deadline <= data["start"]:
            self.add_error("start", _("The deadline must lie after the start."))
        if "deadline" in self.fields:
            check_gate_on_the_way(self, data, today_in(self.team.program.zone))
        low, high = data.get("shortest_days"), data.get("longest_days")
        if (low is None) != (high is None) or (low is not None and low > high):
            self.add_error("longest_days", _("Give both durations, the shortest first, or none."))
        elif high is not None and high > LONGEST_SPAN:
            self.add_error("longest_days", _("No goal takes more than a century."))
        lowest, highest = data.get("lowest"), data.get("highest")
        if lowest is not None and highest is not None and lowest >= highest:
            self.add_error("highest", _("The lowest possible value must lie below the highest."))
        return data

    @property
    def advanced(self):
        return [self[name] for name in self.ADVANCED if name in self.fields]

    @property
    def plain(self):
        return [self[name] for name in self.fields if name not in self.ADVANCED and name != "version"]

    def _post_clean(self):
        """Services write; the instance stays as it was read."""


class MemberForm(forms.ModelForm):
    username = forms.CharField(label=_("User name"), max_length=150)

    class Meta:
        model = Membership
        fields = ["role"]

    field_order = ["username", "role"]


class LimitForm(forms.Form):
    """The successor of the limit that is open: a factor, none, or not known yet."""

    replaces = forms.IntegerField(widget=forms.HiddenInput, required=False)
    state = forms.ChoiceField(
        label=_("What limits the program now?"), choices=Limit.State.choices, widget=forms.RadioSelect
    )
    factor = forms.CharField(
        label=_("Factor"),
        max_length=160,
        required=False,
        widget=forms.TextInput(attrs={"list": "known-factors", "autocomplete": "off"}),
        help_text=_("One that is known, or a new one."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=Factor.Kind.choices, required=False, help_text=_("Only asked of a new factor.")
    )
    gates = ManyField(
        label=_("Goals that cannot move on without it"),
        queryset=Goal.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    since = DayField(label=_("Since"))
    memo = MemoField(label=_("Memo"), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("How do you know?"))

    def __init__(self, *args, program, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.program, self.today = program, today
        goals = Goal.objects.active().filter(team__program=program).exclude(outlook__verdict="done")
        choose_from(self, "gates", goals.select_related("team").order_by("team__name", "name"), goal_and_team)

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("state") == Limit.State.FACTOR and not (data.get("factor") or "").strip():
            self.add_error("factor", _("Name the factor, or choose one of the other answers."))
        if data.get("since") and data["since"] > self.today:
            self.add_error("since", _("This day lies in the future."))
        return data


class InterventionForm(forms.ModelForm):
    """What is done about a goal, a factor, or both."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Intervention
        fields = ["type", "goal", "factor", "started_on", "expected_days", "review_on", "memo"]
        field_classes = {"started_on": DayField, "review_on": DayField, "memo": MemoField}
        widgets = {
            "memo": forms.Textarea(attrs={"rows": 3}),
            "expected_days": forms.NumberInput(attrs={"inputmode": "numeric"}),
        }
        help_texts = {"goal": _("What it is about: a goal, a factor, or both.")}

    def __init__(self, *args, program, **kwargs):
        super().__init__(*args, **kwargs)
        self.program = program
        goals = Goal.objects.active().filter(team__program=program).select_related("team")
        choose_from(self, "goal", goals.order_by("team__name", "name"), goal_and_team)
        here = Program.objects.filter(pk=program.pk)
        choose_from(self, "factor", Factor.objects.filter(touched_by(here)))
        if not self.is_bound:
            self.initial.setdefault("uuid", uuid.uuid4())

    def clean_uuid(self):
        return self.cleaned_data["uuid"] or uuid.uuid4()

    def clean(self):
        data = super().clean() or self.cleaned_data
        if not data.get("goal") and not data.get("factor") and not self.errors.keys() & {"goal", "factor"}:
            self.add_error("goal", _("Name the goal or the factor that it is about."))
        if data.get("started_on") and data.get("review_on") and data["review_on"] <= data["started_on"]:
            self.add_error("review_on", _("The review date must lie after the start."))
        if abs(data.get("expected_days") or 0) > LARGEST_EFFECT:
            self.add_error("expected_days", _("No effect is larger than ten years."))
        return data

    def _post_clean(self):
        """Services write; the instance stays as it was read."""


class DecisionForm(forms.ModelForm):
    """What is decided about a program whose success is no longer possible as it goes."""

    uuid = forms.UUIDField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Decision
        fields = ["choice", "memo"]
        field_classes = {"memo": MemoField}
        widgets = {"choice": forms.RadioSelect, "memo": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["choice"]).choices = Decision.Choice.choices  # without an empty one
        if not self.is_bound:
            self.initial.setdefault("uuid", uuid.uuid4())

    def clean_uuid(self):
        return self.cleaned_data["uuid"] or uuid.uuid4()

    def _post_clean(self):
        """The service writes."""


class GateForm(forms.Form):
    factor = forms.CharField(max_length=160, error_messages={"required": _("Name the factor that gates this goal.")})
