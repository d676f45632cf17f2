"""The form of the page that brings a program in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from projects.memo_fields import MemoField


class ArchiveForm(forms.Form):
    """A program from a file that another installation exported."""

    LARGEST = 100  # MB, as it is sent; the command line takes more

    file = forms.FileField(
        label=_("Archive"),
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,application/zip"}),
        help_text=_("The zip file that “Export” on a program's page gives."),
    )
    memo = MemoField(label=_("Memo"), max_length=2000, help_text=_("Why it is brought in; the history keeps it."))
    name = forms.CharField(
        label=_("Name here"), max_length=120, required=False, help_text=_("Empty: the name it has in the archive.")
    )

    def __init__(self, *args, cut_off: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if cut_off:  # what came of it was thrown away
            self.fields["file"].error_messages["required"] = self.too_large()

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > self.LARGEST << 20:
            raise forms.ValidationError(self.too_large())
        return file

    def too_large(self) -> str:
        return _("Larger than %(mb)d MB: bring it in with manage.py import_program.") % {"mb": self.LARGEST}

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())
