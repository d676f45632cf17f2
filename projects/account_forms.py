"""Forms about people: their account, and asking them in."""

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.models import AccessToken, Invitation


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


OF_ACCESS = "access_%s"  # the account page has a form for one's own name besides


class TokenForm(forms.ModelForm):
    class Meta:
        model = AccessToken
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}

    def _post_clean(self):
        """Services write; that a name is there once is theirs to see to."""


class DeactivationForm(forms.Form):
    """Asks once more where a program is left without an admin."""

    understood = forms.BooleanField(label=_("I know, and will give these programs another admin"))

    def __init__(self, *args, programs, **kwargs):
        super().__init__(*args, **kwargs)
        if not programs:
            del self.fields["understood"]


INVITE_ID = "invite_%s"  # the page of the members has a second form with a role


class InvitationForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ["email", "role"]
        widgets = {"email": forms.EmailInput(attrs={"autocomplete": "off"})}

    def _post_clean(self):
        """Services write; that it is open once is theirs to see to."""


class NewAccountForm(forms.Form):
    """What somebody who was invited chooses."""

    username = forms.CharField(
        label=_("User name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Eight characters or more, and none of the common ones."),
    )

    def __init__(self, *args, email, **kwargs):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_username(self):
        return get_adapter().clean_username(self.cleaned_data["username"].strip())

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("password"):
            account = User(username=data.get("username", ""), email=self.email)
            try:
                get_adapter().clean_password(data["password"], account)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class ErasureForm(forms.Form):
    """Nothing brings an erased name back."""

    understood = forms.BooleanField(label=_("I understand that this cannot be undone."))
