from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects.access import require_operator
from reviews.health import check_health
from reviews.models import JobRun, Night
from reviews.schedule import due_jobs
from reviews.services.jobs import retry_run
from reviews.services.nights import progress_of_newest, retry_failed
from reviews.tasks import take_up_nights

RUNS_SHOWN = 50
FAILED_SHOWN = 100


@require_safe
def jobs(request):
    """What ran, what is due, what failed and why; for those who look after the installation."""
    require_operator(request.user)
    page = Paginator(JobRun.objects.all(), RUNS_SHOWN).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "failed": JobRun.objects.failed()[:FAILED_SHOWN],
        "due": due_jobs(timezone.now()),
        "parts": check_health(),
        "night": progress_of_newest(),
    }
    return render(request, "reviews/jobs.html", context)


@require_POST
def job_retry(request, pk):
    """Ask once more for what failed."""
    require_operator(request.user)
    run = get_object_or_404(JobRun, pk=pk)
    if retry_run(run=run, by=request.user):
        messages.success(request, _("Asked for again."))
    else:
        messages.info(request, _("This one needs no second try: it was asked for again already, or did not fail."))
    return redirect("jobs")


@require_POST
def night_retry(request, pk):
    """Programs that could not be forecast in a night are tried once more."""
    require_operator(request.user)
    night = get_object_or_404(Night, pk=pk)
    if retry_failed(night=night):
        take_up_nights.delay_on_commit()
        messages.success(request, _("Asked for again."))
    return redirect("jobs")
