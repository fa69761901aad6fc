"""The account: a person known by an e-mail address, and the tokens of their programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _


def normalised(email: str) -> str:
    """The one spelling in which an address is stored: no space around it, all lower case."""
    return email.strip().lower()


class UserManager(BaseUserManager["User"]):
    """Makes accounts; looks them up by address whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A new account. Without a password it is signed in by e-mail code.

        Raises ValueError without an address, IntegrityError where the address is taken.
        """
        if not email.strip():
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=normalised(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Staff with every permission."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=normalised(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. The e-mail address is the name; there is no other."""

    class Experience(models.TextChoices):
        CLASSIC = "classic", _("Classic")
        NEW = "new", _("New")

    email = models.EmailField(_("e-mail address"))
    display_name = models.CharField(
        _("name"),
        max_length=80,
        blank=True,
        help_text=_("Shown beside what you publish here."),
    )
    experience = models.CharField(
        _("experience"),
        max_length=10,
        blank=True,
        choices=Experience,
        help_text=_("How the site is laid out. Empty: what the site shows to everybody."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Cleared: this person cannot sign in.")
    )
    is_staff = models.BooleanField(
        _("staff"),
        default=False,
        help_text=_("May open the administration, and reads everything."),
    )
    joined_at = models.DateTimeField(_("joined"), db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                name="one_account_per_email",
                violation_error_message=_("There is an account with this e-mail address already."),
            ),
            # Together with the line above: no two addresses that differ in case alone.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="user_email_is_lower_case",
            ),
            models.CheckConstraint(
                condition=models.Q(experience__in=["", "classic", "new"]),
                name="user_experience_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.email

    def clean(self) -> None:
        self.email = normalised(self.email)


class Scope(models.TextChoices):
    """What a token may be used for."""

    READ = "read", _("Read meetings, transcripts and articles")
    SEARCH = "search", _("Search every word")
    CLIPS = "clips", _("See and cut clips")
    ALERTS = "alerts", _("See alerts")


class TokenQuerySet(models.QuerySet["Token"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def good(self, *, at: datetime) -> Self:
        """Neither revoked nor run out at this instant."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at), revoked_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Token(models.Model):
    """Leave for a program to read as its owner. The token itself is not kept, only its hash.

    Whether the owner is a member is asked each time, so it opens nothing once they are not.
    """

    NAME_MAX = 80

    owner = models.ForeignKey(
        User, verbose_name=_("owner"), on_delete=models.CASCADE, related_name="tokens"
    )
    name = models.CharField(_("name"), max_length=NAME_MAX)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("begins with"), max_length=20, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="token_is_named"),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="token_digest_is_one"
            ),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=Scope.values, scopes__len__gt=0),
                name="token_scopes_known",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=models.F("created_at")),
                name="token_ends_after_it_began",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-created_at"], name="token_by_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def has_ended(self, *, at: datetime) -> bool:
        """It was revoked, or ran out."""
        return self.is_revoked or (self.expires_at is not None and self.expires_at <= at)
