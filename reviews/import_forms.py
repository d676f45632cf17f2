"""Forms of the import: a file, what its columns hold, and why it is brought in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.form_fields import NumberField
from projects.memo_fields import MemoField
from projects.models import Program
from reviews.imports.columns import (
    DECIMALS,
    DIRECTIONS,
    FROM_VALUES,
    LABELS,
    LONG,
    ORDERS,
    WIDE,
    Reading,
    guess_columns,
)
from reviews.imports.head import Head, ask_decimal, ask_order
from reviews.imports.limits import MOST_BYTES
from reviews.imports.table import too_large
from reviews.uploadhandler import was_cut_off

NUMBERS, DATES = ("value", "target"), ("date", "deadline", "start", "completed")
FOR_LONG = ("goal", "value", "date", "target", "team", "unit")  # asked first; the rest stands under "more"


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("CSV or Excel file"),
        help_text=_("One row for each goal and date, or one column for each goal. At most 32 MB and 100,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx", "data-most-bytes": MOST_BYTES}),
        error_messages={"empty": _("The file is empty.")},
    )

    def __init__(self, request, *args, **kwargs):
        sent = request.method == "POST"
        super().__init__(request.POST if sent else None, request.FILES if sent else None, *args, **kwargs)
        self.cut_off = was_cut_off(request)

    def clean(self):
        if self.cut_off:
            self.errors.pop("file", None)
            self.add_error("file", too_large(self.cut_off))
        return super().clean()


class NewProgramForm(UploadForm):
    name = forms.CharField(label=_("Name of the program"), max_length=120)
    field_order = ["name", "file"]

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        if Program.objects.filter(name__iexact=name).exists():
            raise ValidationError(_("A program of this name exists."))
        return name


class ColumnsForm(forms.Form):
    """How a file is to be read. What it leaves open is asked, with what it seems to say as the first answer."""

    layout = forms.ChoiceField(
        label=_("The file has"),
        choices=[(LONG, _("one row for each goal and date")), (WIDE, _("one row a date, one column for each goal"))],
        widget=forms.RadioSelect,
    )
    goals = forms.MultipleChoiceField(
        label=_("Columns that are goals"), required=False, widget=forms.CheckboxSelectMultiple
    )
    every_target = NumberField(label=_("Target of every row"), required=False, help_text=_("Where no column holds it."))
    every_direction = forms.ChoiceField(
        label=_("Direction of every goal"),
        required=False,
        choices=[*DIRECTIONS.items()],
        help_text=_("Where no column holds it."),
    )
    decimal = forms.ChoiceField(
        label=_("What parts the decimals?"), required=False, choices=[*DECIMALS.items()], widget=forms.RadioSelect
    )
    dates = forms.ChoiceField(
        label=_("What stands first in a date?"), required=False, choices=[*ORDERS.items()], widget=forms.RadioSelect
    )

    def __init__(self, data, *, head: Head, before: list[dict[str, str]], known: Reading | None = None):
        super().__init__(data)
        self.head = head
        names = [name for name in head.header if name]
        columns = known.columns if known and known.columns else guess_columns(head.header, before)
        for what, label in LABELS.items():
            choices = [("", _("— none —")), *((name, name) for name in names)]
            self.fields[what] = forms.ChoiceField(
                label=label, required=False, choices=choices, initial=columns.get(what)
            )
        self.fields["goals"].choices = [(name, name) for name in names]
        for name, question in (("decimal", self.asks_decimal), ("dates", self.asks_dates)):
            if question.asked:
                self.fields[name].help_text = _("The file says “%(cell)s”.") % {"cell": question.seen}
        self.initial.update(self.first_answers(columns, known, names))

    def first_answers(self, columns: dict[str, str], known: Reading | None, names: list[str]) -> dict[str, Any]:
        looks_wide = "date" in columns and "value" not in columns and len(names) > 1
        others = [name for name in names if name != columns.get("date")]
        numbers = [columns[what] for what in NUMBERS if what in columns] or others
        first: dict[str, Any] = {
            "layout": WIDE if looks_wide else LONG,
            "goals": others,
            "every_direction": FROM_VALUES,
            "decimal": ask_decimal(self.head, numbers).answer,
            "dates": ask_order(self.head, [columns[what] for what in DATES if what in columns]).answer,
        }
        if known and known.columns:
            first |= {"layout": known.layout, "every_target": known.target}
            first |= {"decimal": known.decimal or first["decimal"], "dates": known.dates or first["dates"]}
            first |= {"goals": known.goals or others, "every_direction": known.direction or FROM_VALUES}
        return first

    @property
    def asks_decimal(self):
        return ask_decimal(self.head, self.head.header)

    @property
    def asks_dates(self):
        return ask_order(self.head, self.head.header)

    @property
    def main_columns(self):
        return [self[what] for what in FOR_LONG]

    @property
    def more_columns(self):
        return [self[what] for what in LABELS if what not in FOR_LONG]

    def clean(self):
        data = super().clean() or self.cleaned_data
        wide = data.get("layout") == WIDE
        columns = {what: data[what] for what in LABELS if data.get(what) and not (wide and what != "date")}
        twice = {name for name in columns.values() if list(columns.values()).count(name) > 1}
        for what, name in columns.items():
            if name in twice:
                self.add_error(what, _("One column cannot hold two things."))
        for what in ("date",) if wide else ("goal", "date", "value"):
            if what not in columns:
                self.add_error(what, _("Choose the column that holds it."))
        if data.get("every_target") is None and "target" not in columns and "every_target" not in self.errors:
            self.add_error("every_target", _("Choose the column of the target, or give one for every row."))
        if wide and not data.get("goals"):
            self.add_error("goals", _("Choose at least one."))
        if wide and columns.get("date") in data.get("goals", ()):
            self.add_error("goals", _("The column of the date cannot be a goal."))
        self.ask("decimal", ask_decimal(self.head, [*data.get("goals", ())] if wide else self.of(columns, NUMBERS)))
        self.ask("dates", ask_order(self.head, self.of(columns, DATES)))
        self.columns = columns
        return data

    def of(self, columns: dict[str, str], which: tuple[str, ...]) -> list[str]:
        return [columns[what] for what in which if what in columns]

    def ask(self, name: str, question) -> None:
        if question.asked and not self.cleaned_data.get(name):
            self.add_error(name, _("“%(cell)s” can be read in two ways: say which.") % {"cell": question.seen})

    def reading(self) -> Reading:
        data = self.cleaned_data
        wide = data["layout"] == WIDE
        return Reading(
            columns=self.columns,
            layout=data["layout"],
            goals=tuple(data["goals"]) if wide else (),
            decimal=data["decimal"],
            dates=data["dates"],
            target=None if "target" in self.columns else data["every_target"],
            direction="" if "direction" in self.columns else data["every_direction"] or FROM_VALUES,
        )


class MemoForm(forms.Form):
    """The memo of a whole import, or of its undoing."""

    memo = MemoField(label=_("Memo"), max_length=2000, widget=forms.TextInput(attrs={"autocomplete": "off"}))
