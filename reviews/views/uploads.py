"""A file on its way into a program: its columns, its check, its errors, and the yes to it."""

import csv
import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import load, load_program, require_create
from projects.views.saving import show_form
from reviews.import_forms import ColumnsForm, MemoForm, NewProgramForm, UploadForm
from reviews.imports.columns import Reading
from reviews.imports.refusals import ImportRefused, Refusal
from reviews.models import Upload
from reviews.services import uploads as service
from reviews.tasks import work_on_upload
from reviews.views.imports import imports_context

REFUSALS_A_PAGE = 25
STEPS = {
    "": gettext_lazy("Waiting for a worker"),
    "reading": gettext_lazy("Reading the file"),
    "comparing": gettext_lazy("Comparing it with what is there"),
    "staging": gettext_lazy("Preparing the rows"),
}
DAYS = ("first", "last")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def load_upload(user, pk: int) -> Upload:
    """A writer of its program; one that will make a program is its maker's alone."""
    stored = Upload.objects.exclude(state=Upload.State.STORING).select_related("program", "source", "by")
    own = stored.filter(pk=pk, program=None, by=user).first()
    if own is None:
        return load(user, stored, program="program", write=True, pk=pk)
    require_create(user)
    return own


def _store(form, **where) -> Upload | None:
    """The upload, or None and the reasons in the form."""
    try:
        return service.store_upload(file=form.cleaned_data["file"], **where)
    except ImportRefused as refused:
        form.add_error("file", [str(reason) for reason in refused.reasons])
    except service.TooManyOpen:
        form.add_error("file", _("You have ten files on their way already. Go on with one, or cancel it."))
    return None


@require_POST
def upload_create(request, slug):
    program = load_program(request.user, slug, write=True)
    form = UploadForm(request)
    upload = form.is_valid() and _store(form, by=request.user, program=program)
    if upload:
        return redirect(upload)
    return show_form(request, "reviews/imports.html", **imports_context(request, program, form))


@require_http_methods(["GET", "HEAD", "POST"])
def program_import(request):
    """A new program from a file."""
    require_create(request.user)
    form = NewProgramForm(request)
    if request.method == "POST" and form.is_valid():
        upload = _store(form, by=request.user, new_name=form.cleaned_data["name"])
        if upload:
            return redirect(upload)
    waiting = Upload.objects.open().filter(by=request.user, program=None).select_related("by")
    return show_form(request, "reviews/program_import.html", form, waiting=waiting)


@require_safe
def upload(request, pk):
    """One file, wherever it stands. While a job is at it, the page asks again; once it is not, it is opened anew."""
    found = load_upload(request.user, pk)
    response = _page(request, found)
    if request.htmx and not found.running:
        response["HX-Refresh"] = "true"
    return response


def _page(request, upload: Upload, columns: ColumnsForm | None = None, memo: MemoForm | None = None) -> HttpResponse:
    context: dict = {"upload": upload, "step": STEPS.get(upload.step, upload.step), "program": upload.program}
    if upload.state == Upload.State.MAPPING:
        context |= {"columns": columns or _columns_form(None, upload), "head": service.head_of(upload)}
    if upload.state == Upload.State.CHECKED:
        shown = upload.preview.get("shown", [])
        context |= {"form": memo or MemoForm(), "shown": [one | {day: _day(one[day]) for day in DAYS} for one in shown]}
    if upload.state == Upload.State.REFUSED:
        page = Paginator(upload.refusals, REFUSALS_A_PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "refusals": [Refusal(why, row, column, cell) for row, column, cell, why in page]}
    bound = columns or memo
    return render(request, "reviews/upload.html", context, status=422 if bound else 200)


def _day(iso: str) -> dt.date:
    return dt.date.fromisoformat(iso)


def _columns_form(data, upload: Upload) -> ColumnsForm:
    return ColumnsForm(
        data,
        head=service.head_of(upload),
        before=service.columns_before(upload.program),
        known=Reading.from_json(upload.reading),
    )


@require_POST
def upload_check(request, pk):
    """Take what the columns hold, and have a job check the whole file."""
    found = load_upload(request.user, pk)
    if found.state != Upload.State.MAPPING:
        return redirect(found)
    form = _columns_form(request.POST, found)
    if not form.is_valid():
        return _page(request, found, columns=form)
    if service.check_upload(upload=found, reading=form.reading()):
        work_on_upload.delay_on_commit(found.pk)
    return redirect(found)


@require_POST
def upload_rename(request, pk):
    found = load_upload(request.user, pk)
    service.rename_columns(upload=found)
    return redirect(found)


@require_POST
def upload_apply(request, pk):
    """The yes, with the memo: have a job bring it in."""
    found = load_upload(request.user, pk)
    if found.state != Upload.State.CHECKED:
        return redirect(found)
    form = MemoForm(request.POST)
    if not form.is_valid():
        return _page(request, found, memo=form)
    if service.bring_in(upload=found, memo=form.cleaned_data["memo"]):
        work_on_upload.delay_on_commit(found.pk)
    return redirect(found)


@require_POST
def upload_again(request, pk):
    """A job that was cut off is asked for once more; nothing it did is there, so it begins at the beginning."""
    found = load_upload(request.user, pk)
    if service.start_again(upload=found):
        work_on_upload.delay_on_commit(found.pk)
    return redirect(found)


@require_POST
def upload_cancel(request, pk):
    found = load_upload(request.user, pk)
    if service.cancel(upload=found):
        messages.success(request, _("%(file)s was given up: nothing of it was brought in.") % {"file": found})
    return redirect("imports", found.program.slug) if found.program else redirect("program_import")


@require_safe
def upload_refusals(request, pk):
    """Every reason, as a file. A cell that a spreadsheet would compute is quoted."""
    found = load_upload(request.user, pk)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    response.write("\ufeff")
    lines = csv.writer(response)
    lines.writerow([_("row"), _("column"), _("found"), _("why")])
    for cells in found.refusals:
        lines.writerow(["'" + cell if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in cells])
    return response
