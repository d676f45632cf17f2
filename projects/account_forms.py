"""Forms about people: their account, and asking them in."""

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _


class AccountNameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "last_name"]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }

    def _post_clean(self):
        """Services write; the instance stays as it was read."""


class DeactivationForm(forms.Form):
    """Asks once more where a program is left without an admin."""

    understood = forms.BooleanField(label=_("I know, and will give these programs another admin"))

    def __init__(self, *args, programs, **kwargs):
        super().__init__(*args, **kwargs)
        if not programs:
            del self.fields["understood"]
