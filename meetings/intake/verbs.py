"""Verbs: what staff do to one row, asked for on a page of its own and done by POST."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django_stubs_ext import StrOrPromise
from unfold.admin import ModelAdmin

from meetings.articles.services import NotPublishable
from meetings.clips.services import NotTakenDown
from meetings.records.services import IllegalMove


class Verb:
    """A staff verb on one row: asked for on a page of its own, done by POST."""

    def __init__(
        self,
        question: StrOrPromise,
        form: type[forms.Form],
        do: Callable[..., object],
        done: StrOrPromise,
    ) -> None:
        self.question, self.form, self.do, self.done = question, form, do, done

    def answer(self, model_admin: ModelAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
        row = get_object_or_404(model_admin.get_queryset(request), pk=unquote(object_id))
        if not model_admin.has_change_permission(request, row):
            raise PermissionDenied
        form = self.form(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                self.do(row, request, **form.cleaned_data)
            except (IllegalMove, NotPublishable, NotTakenDown) as error:
                messages.error(request, str(error))
            else:
                messages.success(request, str(self.done))
            opts = model_admin.model._meta
            return HttpResponseRedirect(
                reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
            )
        context = {
            **model_admin.admin_site.each_context(request),
            "title": self.question,
            "row": row,
            "form": form,
            "opts": model_admin.model._meta,
        }
        return TemplateResponse(request, "admin/intake/verb.html", context)
