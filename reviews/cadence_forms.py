"""Forms of a rhythm, its single slots and their guests. They check; services change."""

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.form_fields import DayField, VersionedForm, choose_from
from projects.memo_fields import MemoField
from projects.models import Program, Team
from projects.time import validate_zone
from reviews.models import Cadence
from reviews.models.cadences import WEEKDAYS
from reviews.slots import Slot


class CadenceForm(VersionedForm):
    """A rhythm: weekdays, a time, a length and a zone."""

    weekdays = forms.MultipleChoiceField(
        label=_("Weekdays"), choices=[*WEEKDAYS.items()], widget=forms.CheckboxSelectMultiple
    )
    at = forms.TimeField(label=_("At"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(label=_("Length, minutes"), min_value=5, max_value=720)
    every_weeks = forms.TypedChoiceField(
        label=_("How often"),
        coerce=int,
        choices=[(1, _("Every week")), (2, _("Every second week")), (4, _("Every fourth week"))],
    )
    zone = forms.CharField(
        label=_("Time zone"),
        max_length=60,
        validators=[validate_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        help_text=_("The review stays at this time there when the clocks change."),
    )
    first_day = DayField(label=_("From"), help_text=_("A new rhythm begins here; the one before ends the day before."))
    zones = sorted(available_timezones())

    def __init__(self, *args, program: Program, current: Cadence | None, today, **kwargs):
        initial = {
            "version": 0,
            "at": "09:00",
            "minutes": 60,
            "zone": program.zone,
            "every_weeks": 1,
            "first_day": today,
        }
        if current:
            kept = ("version", "at", "minutes", "zone", "every_weeks")
            initial |= {name: getattr(current, name) for name in kept} | {"weekdays": current.days}
        super().__init__(*args, initial=initial, **kwargs)
        self.today, self.current = today, current

    def clean_weekdays(self):
        chosen = self.cleaned_data["weekdays"]
        return ",".join(day for day in WEEKDAYS if day in chosen)

    def clean_first_day(self):
        day = self.cleaned_data["first_day"]
        if day < self.today:
            raise ValidationError(_("A rhythm begins today or later: what was held or missed before stays as it was."))
        return day


class SlotForm(forms.Form):
    """A change of one review. `seen` names the change that the person saw: see `Slot.seen`."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, slot: Slot, initial: dict | None = None, **kwargs):
        super().__init__(*args, initial={"seen": slot.seen, **(initial or {})}, **kwargs)


class MoveForm(SlotForm):
    """Another time for one review, in the zone of its rhythm."""

    day = DayField(label=_("Day"))
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    memo = MemoField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    prefix = "move"

    def __init__(self, *args, slot: Slot, **kwargs):
        self.zone = ZoneInfo(slot.shown_zone)
        local = slot.starts.astimezone(self.zone)
        super().__init__(*args, slot=slot, initial={"day": local.date(), "at": local.time()}, **kwargs)

    @property
    def moment(self) -> dt.datetime:
        """The instant that was asked for."""
        data = self.cleaned_data
        return dt.datetime.combine(data["day"], data["at"], self.zone).astimezone(dt.UTC)


class CancelForm(SlotForm):
    memo = MemoField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 2}))

    prefix = "cancel"


class GuestForm(forms.Form):
    """Somebody who does not sit on the team, asked to one review."""

    name = forms.CharField(label=_("Name of the guest"), max_length=120)
    team = forms.ModelChoiceField(label=_("Speaks with"), queryset=Team.objects.none(), required=False)

    def __init__(self, *args, teams: list[Team], **kwargs):
        super().__init__(*args, **kwargs)
        self.teams = teams
        choose_from(self, "team", Team.objects.filter(pk__in=[team.pk for team in teams]))
        if len(teams) == 1:
            self.fields["team"].widget = forms.HiddenInput()
            self.initial["team"] = teams[0].pk

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean(self):
        data = super().clean() or self.cleaned_data
        if not data.get("team") and "team" not in self.errors:
            if len(self.teams) == 1:
                data["team"] = self.teams[0]
            else:
                self.add_error("team", _("Choose the team with which the guest speaks."))
        return data
