"""Forms that change what is promised: targets and dates, each change with its memo."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.deadlines import far_from
from projects.form_fields import DayField, NumberField, VersionedForm
from projects.look.dates import day as day_words
from projects.memo_fields import MemoField

ON_THE_WAY = ("on_the_way", "on_the_way_by")  # the fields of a gate on the way


def check_gate_on_the_way(form: forms.BaseForm, data: dict, today: dt.date) -> None:
    """A deadline beyond 18 months has a gate on the way (M15); a nearer one may."""
    if form.errors.keys() & {"deadline", *ON_THE_WAY}:
        return
    words, by, deadline = (data.get("on_the_way") or "").strip(), data.get("on_the_way_by"), data.get("deadline")
    edge = far_from(today)
    if words and by is None:
        form.add_error("on_the_way_by", _("By when is that true?"))
    elif by and not words:
        form.add_error("on_the_way", _("What is true by then?"))
    elif by and (deadline is None or by >= deadline):
        form.add_error("on_the_way_by", _("A gate on the way lies before the deadline."))
    elif deadline and deadline > edge:
        until = {"day": day_words(edge, "long")}
        if by is None:
            why = _(
                "This deadline is more than 18 months away: nobody feels it yet, and work grows to fill the time. "
                "Name a gate on the way: what is true by a day up to %(day)s?"
            )
            form.add_error("on_the_way", why % until)
        elif by > edge:
            form.add_error("on_the_way_by", _("The first gate is no more than 18 months away: %(day)s.") % until)


class GateOnTheWayForm(VersionedForm):
    """What is true on the way to a deadline, and by when."""

    on_the_way = forms.CharField(
        label=_("Gate on the way"),
        max_length=200,
        required=False,
        help_text=_("For a deadline that is more than 18 months away: what is true by then."),
    )
    on_the_way_by = DayField(label=_("By when"), required=False)


class RevisionForm(GateOnTheWayForm):
    """What a goal promises."""

    target = NumberField(label=_("Target"))
    deadline = DayField(label=_("Deadline"), required=False)
    on = DayField(label=_("In force from"))
    memo = MemoField(
        label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("A goal never changes silently.")
    )

    def __init__(self, *args, goal, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.goal, self.today = goal, today

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("deadline") and data["deadline"] <= self.goal.start:
            self.add_error("deadline", _("The deadline must lie after the start."))
        if data.get("target") is not None and data["target"] == self.goal.baseline:
            self.add_error("target", _("The target equals the baseline: there is nothing to move."))
        if data.get("on") and data["on"] > self.today:
            self.add_error("on", _("A change takes force today or earlier, not in the future."))
        check_gate_on_the_way(self, data, self.today)
        names = ("target", "deadline", *ON_THE_WAY)
        if "target" in data and all(data.get(name) == getattr(self.goal, name) for name in names):
            raise ValidationError(_("Neither target nor deadline differs from what is stated now."))
        return data


class ProgramRevisionForm(GateOnTheWayForm):
    """The dates that a program promises."""

    deadline = DayField(label=_("Deadline"), required=False, help_text=_("The earliest date with a 50 % chance."))
    last_acceptable = DayField(
        label=_("Last acceptable date"),
        required=False,
        help_text=_("Past it, finishing no longer counts as success."),
    )
    memo = MemoField(
        label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}), help_text=_("A deadline never changes silently.")
    )

    def __init__(self, *args, program, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.program, self.today = program, today

    def clean(self):
        data = super().clean() or self.cleaned_data
        deadline, last = data.get("deadline"), data.get("last_acceptable")
        for name in ("deadline", "last_acceptable"):
            if data.get(name) and data[name] <= self.program.start:
                self.add_error(name, _("It must lie after the start of the program."))
        if deadline and last and last < deadline:
            self.add_error("last_acceptable", _("The last acceptable date cannot lie before the deadline."))
        check_gate_on_the_way(self, data, self.today)
        names = ("deadline", "last_acceptable", *ON_THE_WAY)
        if not self.errors and all(data.get(name) == getattr(self.program, name) for name in names):
            raise ValidationError(_("Nothing differs from what is stated now."))
        return data
