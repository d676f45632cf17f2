"""Forms of what is mailed and posted. They check; services change."""

from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.models import Program
from projects.models.querysets import ProgramQuerySet
from projects.time import validate_zone
from reviews.digests.channel import check_address
from reviews.models import Subscription
from reviews.models.digests import DAYS, HOURS


class RhythmForm(forms.Form):
    weekday = forms.TypedChoiceField(label=_("Weekday"), coerce=int, choices=DAYS, initial=0)
    hour = forms.TypedChoiceField(label=_("Time"), coerce=int, choices=HOURS, initial=7)


class SubscriptionForm(RhythmForm):
    on = forms.BooleanField(label=_("Mail me"), required=False)
    pace = forms.ChoiceField(label=_("How often"), choices=Subscription.Pace.choices, widget=forms.RadioSelect)
    zone = forms.CharField(
        label=_("Time zone"),
        max_length=60,
        validators=[validate_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    which = forms.ChoiceField(
        label=_("Programs"),
        choices=[("all", _("All that I may see, also those to come")), ("some", _("Only these:"))],
        widget=forms.RadioSelect,
    )
    programs = forms.ModelMultipleChoiceField(
        label=_("These programs"),
        queryset=Program.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    alerts = forms.BooleanField(
        label=_("Alerts between digests"),
        required=False,
        help_text=_("When what limits changes, when success has become impossible, or when odds fall."),
    )
    bound = forms.TypedChoiceField(
        label=_("Odds of a deadline below which I am told"),
        coerce=float,
        choices=[(n / 100, f"{n}\u00a0%") for n in (5, 10, 25, 50, 75)],
    )
    zones = sorted(available_timezones())

    def __init__(self, *args, programs: ProgramQuerySet, current: Subscription | None, zone: str, **kwargs):
        initial = {"on": True, "pace": Subscription.Pace.WEEKLY, "zone": zone, "which": "all", "alerts": True}
        initial["bound"] = 0.25
        if current:
            kept = ("on", "pace", "weekday", "hour", "zone", "alerts", "bound")
            initial |= {name: getattr(current, name) for name in kept}
            initial |= {"which": "all" if current.every_program else "some", "programs": current.programs.all()}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["programs"].queryset = programs

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("which") == "some" and not data.get("programs") and "programs" not in self.errors:
            self.add_error("programs", _("Choose one, or take all."))
        return data

    def chosen(self) -> dict:
        """What the service takes."""
        data = {name: self.cleaned_data[name] for name in ("on", "pace", "weekday", "hour", "zone", "alerts", "bound")}
        some = self.cleaned_data["which"] == "some"
        programs = self.cleaned_data["programs"] if some else Program.objects.none()
        return data | {"every_program": not some, "programs": programs}


class HookForm(RhythmForm):
    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As people know it: #engines."))
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
        help_text=_("The incoming webhook of a Slack or Mattermost channel. Who knows it may post there."),
    )
    alerts = forms.BooleanField(label=_("Alerts between digests"), required=False, initial=True)

    field_order = ("name", "url", "weekday", "hour", "alerts")

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise ValidationError(_("Give it a name."))
        return name

    def clean_url(self):
        check_address(self.cleaned_data["url"])
        return self.cleaned_data["url"]


class NowForm(forms.Form):
    key = forms.UUIDField()
