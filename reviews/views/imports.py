"""What was brought into a program, file by file, and the way back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects.access import load, load_program, may_write
from projects.models import Import, Program
from reviews.import_forms import MemoForm, UploadForm
from reviews.models import Upload
from reviews.services.imports import undo_import
from reviews.tasks import refit_programs

IMPORTS_A_PAGE = 25


@require_safe
def imports(request, slug):
    """Every file that was brought in: who, when, why, what it made. Writers bring in another from here."""
    program = load_program(request.user, slug)
    return render(request, "reviews/imports.html", imports_context(request, program, UploadForm(request)))


def imports_context(request, program: Program, form: UploadForm) -> dict:
    writes = may_write(request.user, program)
    page = Paginator(program.imports.select_related("by", "undone_by"), IMPORTS_A_PAGE)
    return {
        "program": program,
        "form": form,
        "may_write": writes,
        "page": page.get_page(request.GET.get("page")),
        "waiting": Upload.objects.open().filter(program=program).select_related("by", "program") if writes else (),
    }


@require_safe
def import_page(request, pk):
    """One file that was brought in."""
    return _page(request, _load(request.user, pk))


def _load(user, pk: int, *, write: bool = False) -> Import:
    found = Import.objects.select_related("program", "by", "undone_by")
    return load(user, found, program="program", pk=pk, write=write)


def _page(request, source: Import, form: MemoForm | None = None):
    context = {
        "source": source,
        "program": source.program,
        "counts": source.made.get("counts", {}),
        "may_write": may_write(request.user, source.program),
        "form": form or MemoForm(),
    }
    return render(request, "reviews/import.html", context, status=422 if form else 200)


@require_POST
def import_undo(request, pk):
    source = _load(request.user, pk, write=True)
    form = MemoForm(request.POST)
    if not form.is_valid():
        return _page(request, source, form)
    undo_import(source=source, memo=form.cleaned_data["memo"], by=request.user)
    refit_programs.delay_on_commit([source.program_id])
    messages.success(request, _("%(file)s is out of force.") % {"file": source.file_name})
    return redirect("import", source.pk)
