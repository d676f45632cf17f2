"""Fields that the forms of both apps are made of."""

import re
from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from projects.models import Goal
from projects.models.constraints import LARGEST
from projects.time import FIRST_DAY, LAST_DAY


class DayInput(forms.DateInput):
    """The browser's own date picker; its value is always ISO."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that can be true (M12); an import refuses the same ones."""

    widget = DayInput

    def validate(self, value):
        super().validate(value)
        if value and not FIRST_DAY <= value <= LAST_DAY:
            raise ValidationError(_("Not a day between 1970 and 2100."), code="out_of_reach")


class ManyField(forms.ModelMultipleChoiceField):
    """Refuses a number too large for any row, which SQLite cannot even look for."""

    def clean(self, value):
        try:
            return super().clean(value)
        except OverflowError:
            raise ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": _("this number")}
            ) from None


TWO_WAYS = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")  # a thousand and more, or one and a bit


class NumberField(forms.FloatField):
    """A finite number; a decimal comma is understood, as half of the world types it, unless it may part thousands."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(min_value=-LARGEST, max_value=LARGEST, **kwargs)

    def prepare_value(self, value):
        """A whole number is shown without its ".0"."""
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value

    def to_python(self, value):
        text = str(value or "").strip().replace("\u202f", "").replace("\u00a0", "").replace("−", "-")
        if TWO_WAYS.fullmatch(text):
            words = {"text": text, "whole": text.replace(",", ""), "part": text.replace(",", ".")}
            why = _("“%(text)s” can be read in two ways: write %(whole)s or %(part)s.") % words
            raise ValidationError(why, code="two_ways")
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        if "_" in text:  # Python reads 1_000
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)


def choose_from(form: forms.BaseForm, name: str, rows: QuerySet, label: Callable[[Any], str] = str) -> None:
    """Let a field of a form choose from `rows`."""
    field = cast(forms.ModelChoiceField, form.fields[name])
    field.queryset = rows
    field.label_from_instance = label  # type: ignore[method-assign,assignment]  # Django's own way to name a choice


def goal_and_team(goal: Goal) -> str:
    return f"{goal.name} ({goal.team.name})"


class VersionedForm(forms.Form):
    """Carries the version that the person saw, so that a later save by another is noticed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
