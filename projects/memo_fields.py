"""The memo gate in a form."""

from django import forms

from projects.memo import clean_memo


class MemoField(forms.CharField):
    """A text that passes the gate: it says in the gate's own words why it does not, also where it is blank."""

    def validate(self, value):
        if self.required:
            clean_memo(value)
