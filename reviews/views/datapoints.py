from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import load
from projects.factor_forms import SupportForm
from projects.look.numbers import number
from projects.models import Evidence
from projects.services.limits import record_evidence
from projects.views.saving import add_errors
from reviews.forms import CorrectionForm
from reviews.models import Datapoint
from reviews.services.datapoints import NotInForce, correct_datapoint


def load_datapoint(user, pk: int) -> Datapoint:
    points = Datapoint.objects.select_related("goal__team__program", "goal__outlook", "review", "engineer", "factor")
    return load(user, points, program="goal__team__program", pk=pk, write=True)


@require_http_methods(["GET", "HEAD", "POST"])
def datapoint_correct(request, pk):
    """A correction supersedes; the old value, who and why stay visible."""
    datapoint = load_datapoint(request.user, pk)
    form = CorrectionForm(request.POST or None, initial={"value": datapoint.value})
    if request.method == "POST" and form.is_valid():
        try:
            correct_datapoint(datapoint=datapoint, by=request.user, **form.cleaned_data)
        except NotInForce:
            form.add_error(
                None, _("Somebody corrected this datapoint meanwhile. Open the goal to see what stands now.")
            )
        except ValidationError as error:
            add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("memo", error)
        else:
            messages.success(request, _("Corrected; the old value stays visible."))
            return redirect(datapoint.goal)
    return show_correction(request, datapoint, form)


def show_correction(request, datapoint: Datapoint, form: CorrectionForm, support: SupportForm | None = None):
    goal = datapoint.goal
    support = support or SupportForm(program=goal.team.program)
    shown = {"datapoint": datapoint, "goal": goal, "support_form": support, "supported": support.is_bound}
    return render(
        request,
        "reviews/correction_form.html",
        {"form": form, **shown},
        status=422 if form.is_bound or support.is_bound else 200,
    )


@require_POST
def datapoint_evidence(request, pk):
    """What was said speaks for a factor of its program: it is kept there as evidence, once."""
    datapoint = load_datapoint(request.user, pk)
    program = datapoint.goal.team.program
    form = SupportForm(request.POST, program=program)
    if not form.is_valid():
        return show_correction(request, datapoint, CorrectionForm(initial={"value": datapoint.value}), form)
    factor = form.cleaned_data["factor"]
    value = number(datapoint.value, datapoint.goal.unit)
    record_evidence(
        program=program,
        factor=factor,
        kind=Evidence.Kind.DATAPOINT,
        on=datapoint.observed_on,
        by=request.user,
        text=f"{datapoint.goal}: {value}. {datapoint.memo}".strip(),
        reference=f"datapoint:{datapoint.pk}",
    )
    messages.success(request, _("Kept as evidence for %(name)s.") % {"name": factor})
    return redirect(f"{factor.get_absolute_url()}#evidence")


@require_POST
def datapoint_withdraw(request, pk):
    """Undo: the datapoint leaves the curve and stays visible."""
    datapoint = load_datapoint(request.user, pk)
    memo = _("Withdrawn by %(user)s: entered by mistake.") % {"user": request.user}
    try:
        correct_datapoint(datapoint=datapoint, value=datapoint.value, memo=memo, by=request.user, withdraw=True)
    except NotInForce:
        messages.warning(request, _("It was corrected or withdrawn already."))
    else:
        messages.success(request, _("Withdrawn: it counts no more, and stays visible."))
    return redirect(datapoint.review if datapoint.review and datapoint.review.live else datapoint.goal)
