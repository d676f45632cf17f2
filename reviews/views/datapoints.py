from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import load
from projects.views.saving import add_errors, show_form
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
    return show_form(request, "reviews/correction_form.html", form, datapoint=datapoint, goal=datapoint.goal)


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
