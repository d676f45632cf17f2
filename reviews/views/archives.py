"""A whole program as a file: out, and in again."""

from io import BytesIO

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from projects.access import ADMINS, load_program, require_create
from projects.views.saving import show_form
from reviews.archive.forms import ArchiveForm
from reviews.archive.reader import ArchiveRefused, Limits, read_archive
from reviews.services import archives as service
from reviews.uploadhandler import takes_files, was_cut_off

ON_A_PAGE = Limits(bytes=400 << 20, rows=400_000)  # what a browser waits for; the command line takes more


@require_safe
def program_export(request, slug):
    """The archive of a program. It names its members, so its admins may have it."""
    program = load_program(request.user, slug, roles=ADMINS)
    if request.method == "HEAD":
        return HttpResponse(content_type="application/zip")
    file = BytesIO()  # compressed, it is some 50 bytes a datapoint
    service.export_program(program=program, out=file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{program.slug}.zip", content_type="application/zip")


@require_http_methods(["GET", "HEAD", "POST"])
@takes_files(ArchiveForm.LARGEST << 20)
def program_from_archive(request):
    """A program that was exported elsewhere, as the same program here."""
    require_create(request.user)
    form = ArchiveForm(request.POST or None, request.FILES or None, cut_off=was_cut_off(request))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data.pop("file")
        try:
            archive = read_archive(file, ON_A_PAGE)
            program = service.bring_in(archive=archive, file_name=file.name, by=request.user, **form.cleaned_data)
        except ArchiveRefused as refused:
            form.add_error("file", ValidationError(list(refused.reasons)))
        except service.NameTaken as taken:
            offer_name(form, taken)
        except ValidationError as error:
            form.add_error("memo", error)
        else:
            service.catch_up(program)
            messages.success(request, _("%(name)s is there, with its whole history.") % {"name": program})
            return redirect(program)
    return show_form(request, "reviews/archive_form.html", form)


def offer_name(form: ArchiveForm, taken: service.NameTaken) -> None:
    """Another name stands in the field; a browser makes people choose the file again."""
    form.data = {**form.data.dict(), "name": taken.free}
    why = _(
        "A program named %(name)s is here already, and the two are not merged. Choose the file again for this name."
    )
    form.add_error("name", why % {"name": taken.name})
