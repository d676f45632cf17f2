"""Answers to what was logged."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from projects.views.saving import show_form
from reviews.forms import CommentForm
from reviews.services.comments import add_comment, is_about, load_to_answer


@require_http_methods(["GET", "HEAD", "POST"])
def comment_create(request, pk):
    """Answer to a datapoint: the engineer whom it is about, or who manages its program."""
    datapoint = load_to_answer(request.user, pk)
    mine = is_about(datapoint, request.user)
    back = f"{reverse('mine') if mine else datapoint.goal.get_absolute_url()}#point-{datapoint.pk}"
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add_comment(datapoint=datapoint, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("text", error)
        else:
            messages.success(request, _("Your answer stands beside the datapoint."))
            return redirect(back)
    shown = {"point": datapoint, "comments": datapoint.comments.select_related("by"), "mine": mine, "back": back}
    return show_form(request, "reviews/comment_form.html", form, **shown)
