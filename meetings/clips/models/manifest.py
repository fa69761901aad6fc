"""Manifest: what was signed of a Clip. Rows are added, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .clip import Clip


class Manifest(models.Model):
    """One statement about a Clip with its signature, as it was handed out.

    `canonical` is the exact text that was signed (RFC 8785); `signature` is Ed25519 over it in
    base64, made with the key that `key_id` names.
    """

    clip = models.ForeignKey(
        Clip, verbose_name=_("clip"), on_delete=models.CASCADE, related_name="manifests"
    )
    canonical = models.TextField(_("statement"))
    signature = models.CharField(_("signature"), max_length=100)
    key_id = models.CharField(_("key"), max_length=64)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("manifest")
        verbose_name_plural = _("manifests")
        constraints = [
            models.CheckConstraint(
                condition=~Q(canonical="") & ~Q(signature="") & ~Q(key_id=""),
                name="manifest_is_signed",
            ),
        ]
        indexes = [models.Index(fields=["clip", "-id"], name="manifest_newest_of_clip")]

    def __str__(self) -> str:
        return f"{self.clip}, {self.issued_at:%Y-%m-%d %H:%M}"
