from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from projects.access import load, load_program
from projects.factor_forms import DeeperForm, LiftForm
from projects.limiting import layers_of, path_of
from projects.models import Layer
from projects.services.changes import Conflict
from projects.services.layers import drill_down, lift_layer
from projects.services.ranking import rank_program
from projects.time import today_in
from projects.views.factors import known_factors
from projects.views.saving import add_errors, show_form


@require_http_methods(["GET", "HEAD", "POST"])
def limit_deeper(request, slug):
    """Push the declared factor one layer down, to the part of it that binds (M3)."""
    program = load_program(request.user, slug, write=True)
    today = today_in(program.zone)
    limit = program.limits.filter(until__isnull=True).select_related("factor").first()
    path = path_of(limit, layers_of(limit))
    form = DeeperForm(request.POST or None, today=today, initial={"since": today, "saw": path[-1].pk if path else None})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            layer = drill_down(
                program=program,
                name=data["factor"],
                kind=data["kind"],
                memo=data["memo"],
                since=data["since"],
                saw=data["saw"],
                by=request.user,
            )
        except ValidationError as error:
            add_errors(form, error)
        except Conflict as conflict:
            sent = request.POST.copy()
            sent["saw"] = str(conflict.current.pk)
            form.data = sent
            form.add_error(
                None,
                _("Meanwhile “%(name)s” was named as what binds. Send again to put yours below it.")
                % {"name": conflict.current},
            )
        else:
            rank_program(program)
            messages.success(request, _("%(name)s is the part that binds.") % {"name": layer.factor})
            return redirect(program)
    elif not path:
        messages.info(request, _("No factor is declared, so there is nothing to drill into."))
        return redirect("limit_declare", program.slug)
    known = known_factors(request.user)
    return show_form(request, "projects/deeper_form.html", form, program=program, limit=limit, path=path, known=known)


@require_http_methods(["GET", "HEAD", "POST"])
def layer_lift(request, pk):
    """A part that does not bind after all."""
    layers = Layer.objects.select_related("factor", "limit__program", "limit__factor")
    layer = load(request.user, layers, program="limit__program", pk=pk, write=True)
    program = layer.limit.program
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lifted = lift_layer(layer=layer, memo=form.cleaned_data["memo"], on=today_in(program.zone), by=request.user)
        except ValidationError as error:
            form.add_error("memo", error)
        else:
            if lifted:
                rank_program(program)
                messages.success(request, _("%(name)s no longer counts as what binds.") % {"name": layer.factor})
            else:
                messages.info(request, _("It was taken back already."))
            return redirect(program)
    return show_form(request, "projects/lift_form.html", form, program=program, layer=layer)
