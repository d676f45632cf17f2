"""Forms about a team and who is on it."""

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.form_fields import DayField, choose_from
from projects.models import Engineer, Team, WeeksOff


class TeamForm(forms.ModelForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Team
        fields = ["name"]

    def clean_name(self):
        """Unique in its program: Django leaves a constraint out where one of its fields is not in the form."""
        name = " ".join(self.cleaned_data["name"].split())
        if Team.objects.filter(program=self.instance.program, name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This program has a team of this name."))
        return name


class SeatForm(forms.Form):
    name = forms.CharField(label=_("Name of the engineer"), max_length=120)

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())


class EngineerForm(forms.ModelForm):
    login = forms.CharField(
        label=_("User name of their login"),
        max_length=150,
        required=False,
        help_text=_("With it they see what was logged about their own work. An engineer need not have one."),
    )

    class Meta:
        model = Engineer
        fields = ["name"]

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean_login(self):
        """The account of this name, or None."""
        name = self.cleaned_data["login"].strip()
        if not name:
            return None
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise ValidationError(_("There is no account of this name. An administrator makes accounts."))
        if Engineer.objects.filter(user=user).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This login belongs to another engineer already."))
        return user


class RosterForm(forms.Form):
    source = forms.ModelChoiceField(label=_("Copy everyone from"), queryset=Team.objects.none())

    def __init__(self, *args, teams, **kwargs):
        super().__init__(*args, **kwargs)
        choose_from(self, "source", teams, lambda team: f"{team.program} · {team.name}")


class WeeksOffForm(forms.ModelForm):
    class Meta:
        model = WeeksOff
        fields = ["first_day", "last_day", "reason"]
        field_classes = {"first_day": DayField, "last_day": DayField}
