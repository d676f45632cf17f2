"""Answers to what went wrong: true, and with a way on."""

from django.shortcuts import render


def csrf_failure(request, reason=""):
    """The token rotated (another tab signed in, the session ended): say so, and keep what was typed in the page."""
    return render(request, "403_csrf.html", status=403)
