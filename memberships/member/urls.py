"""Addresses of the member's own pages."""

from django.urls import path

from .views import account, buying, closing, finding, offer, own_data, papers, refunds, tokens

urlpatterns = [
    path("membership/", offer.membership, name="membership"),
    path("membership/checkout/", buying.checkout, name="checkout"),
    path("membership/return/", buying.come_back, name="checkout_return"),
    path("membership/account/", account.account, name="account"),
    path("membership/account/close/", closing.close_account, name="close_account"),
    path("membership/account/data.json", own_data.own_data, name="own_data"),
    path("membership/receipts/<uuid:purchase_id>/", papers.receipt, name="receipt"),
    path(
        "membership/receipts/<uuid:purchase_id>/receipt.pdf",
        papers.receipt_pdf,
        name="receipt_pdf",
    ),
    path("membership/credit-notes/<uuid:refund_id>/", papers.credit_note, name="credit_note"),
    path(
        "membership/credit-notes/<uuid:refund_id>/credit-note.pdf",
        papers.credit_note_pdf,
        name="credit_note_pdf",
    ),
    path("membership/refund/", refunds.refund, name="refund"),
    path("membership/refund/find/", finding.refund_find, name="refund_find"),
    path("membership/refund/by-link/<str:token>/", refunds.refund_by_link, name="refund_by_link"),
    path("membership/refunds/<uuid:pk>/", refunds.refund_status, name="refund_status"),
    path("membership/tokens/", tokens.tokens, name="tokens"),
    path("membership/tokens/new/", tokens.make_token, name="token_new"),
    path("membership/tokens/<int:pk>/revoke/", tokens.revoke_token, name="token_revoke"),
]
