"""Makers of people, purchases and memberships."""

from datetime import timedelta

import factory
from allauth.account.models import EmailAddress
from django.utils import timezone

from memberships.models import Membership, Purchase, User


class UserFactory(factory.django.DjangoModelFactory):
    """A person whose address is confirmed, without a password."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"reader{n}@example.org")
    display_name = factory.Faker("name")

    @classmethod
    def _create(cls, model_class, *args, **fields):
        return model_class.objects.create_user(*args, **fields)

    @factory.post_generation
    def address(self, create, confirmed, **fields):
        if create and confirmed is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class StaffFactory(UserFactory):
    """Staff with every permission."""

    is_staff = True
    is_superuser = True


class PurchaseFactory(factory.django.DjangoModelFactory):
    """One attempt to buy."""

    class Meta:
        model = Purchase

    user = factory.SubFactory(UserFactory)


class MembershipFactory(factory.django.DjangoModelFactory):
    """Active, for life, granted a day ago."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    source = Membership.Source.GRANT
    started_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=1))


class RefundedMembershipFactory(MembershipFactory):
    """Bought, and ended with the money back."""

    source = Membership.Source.PURCHASE
    purchase = factory.SubFactory(PurchaseFactory, user=factory.SelfAttribute("..user"))
    status = Membership.Status.ENDED
    end_reason = Membership.EndReason.REFUNDED
    ended_at = factory.LazyFunction(timezone.now)
