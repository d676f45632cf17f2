"""Where a program posts its week."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from projects.access import ADMINS, load, load_program
from projects.views.saving import add_errors, show_form
from reviews import tasks
from reviews.digest_forms import HookForm, NowForm
from reviews.models import Hook
from reviews.services import deliveries
from reviews.services import subscriptions as service


@require_http_methods(["GET", "HEAD", "POST"])
def channels(request, slug):
    """The channels of a program, for its admins: who knows such an address may post there."""
    program = load_program(request.user, slug, roles=ADMINS)
    form = HookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.add_hook(program=program, by=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Saved. The first post comes when the week ends."))
            return redirect("channels", program.slug)
    hooks = [(hook, hook.deliveries.defer("value").first()) for hook in Hook.objects.filter(program=program)[:20]]
    return show_form(request, "reviews/channels.html", form, program=program, hooks=hooks, key=uuid.uuid4())


@require_POST
def channel_now(request, pk):
    """The last week, posted at once: to see that it arrives. The same form again is the same post."""
    hook = load(request.user, Hook.objects.select_related("program"), program="program", roles=ADMINS, pk=pk)
    form = NowForm(request.POST)
    if form.is_valid():
        deliveries.plan_now(owner=hook, key=form.cleaned_data["key"], now=timezone.now())
        tasks.send_deliveries.delay_on_commit()
        messages.success(request, _("On its way. Load the page again to see whether it arrived."))
    return redirect("channels", hook.program.slug)


@require_POST
def channel_remove(request, pk):
    hook = load(request.user, Hook.objects.select_related("program"), program="program", roles=ADMINS, pk=pk)
    program = hook.program
    service.remove_hook(hook=hook, by=request.user)
    messages.success(request, _("Nothing is posted there any more."))
    return redirect("channels", program.slug)
