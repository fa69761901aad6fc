"""Places, bodies and meetings as staff see them. Moves of a meeting's state: `intake.admin`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline

from memberships.gate import pages

from . import services
from .models import AgendaItem, Body, Meeting, Place, State


class PlaceForm(forms.ModelForm[Place]):
    """Refuses a place that would lie within itself."""

    class Meta:
        model = Place
        fields = ["name", "slug", "level", "parent"]

    def clean_parent(self) -> Place | None:
        parent: Place | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and parent in Place.objects.within(self.instance):
            raise ValidationError(
                _("%(parent)s lies within %(place)s already.")
                % {"parent": parent, "place": self.instance}
            )
        return parent


@admin.register(Place)
class PlaceAdmin(ModelAdmin):
    form = PlaceForm
    list_display = ["name", "level", "parent"]
    list_filter = ["level"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}
    ordering = ["sort_name"]

    def save_model(self, request: HttpRequest, obj: Place, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and form.has_changed():
            services.note_edit_of_place(place=obj)
        pages.drop_all()


@admin.register(Body)
class BodyAdmin(ModelAdmin):
    list_display = ["name", "place"]
    list_filter = ["place__level"]
    list_select_related = ["place"]
    search_fields = ["name", "slug", "place__name"]
    autocomplete_fields = ["place"]
    prepopulated_fields = {"slug": ["name"]}
    ordering = ["sort_name"]

    def save_model(self, request: HttpRequest, obj: Body, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and form.has_changed():
            services.note_edit_of_body(body=obj)
        pages.drop_all()


class AgendaInline(TabularInline):
    model = AgendaItem
    fields = ["position", "title", "start_ms"]
    ordering = ["position"]
    extra = 0


class MeetingAdmin(ModelAdmin):
    """Facts and agenda. Registered by `intake.admin`, which adds what touches several rooms."""

    list_display = ["title", "body", "held_on", "state"]
    list_filter = ["state", ("held_on", admin.DateFieldListFilter), "body"]
    list_select_related = ["body"]
    search_fields = ["title", "body__name"]
    autocomplete_fields = ["body"]
    prepopulated_fields = {"slug": ["title"]}
    date_hierarchy = "held_on"
    ordering = ["-held_on", "-id"]
    readonly_fields = ["state", "published_at", "withdrawn_reason"]
    fields = ["body", "title", "slug", "held_on", *readonly_fields]
    inlines = [AgendaInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """After facts and agenda are stored, in the same transaction, the log hears of it."""
        super().save_related(request, form, formsets, change)
        if form.instance.state != State.DRAFT and (
            form.has_changed() or any(formset.has_changed() for formset in formsets)
        ):
            services.note_edit(meeting=form.instance)
        pages.drop_all()

    def has_delete_permission(self, request: HttpRequest, obj: Meeting | None = None) -> bool:
        """What was once public is withdrawn, never deleted: its address goes on to say so."""
        return obj is not None and obj.state == State.DRAFT

    def view_on_site(self, obj: Meeting) -> str:
        return obj.get_absolute_url()
