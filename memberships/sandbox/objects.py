"""Objects: new documents in the shape that Stripe gives them, as far as the specification asks."""

import secrets

from .store import Doc

API_VERSION = "2026-10-28.endive"


def new_id(prefix: str) -> str:
    """An id like Stripe's, never given before."""
    return f"{prefix}_{secrets.token_hex(12)}"


def session(params: Doc, *, amount: int, currency: str, base: str, now: int) -> Doc:
    """An open Checkout session of mode `payment`."""
    id_ = new_id("cs_test")
    wants_tax = (params.get("automatic_tax") or {}).get("enabled") == "true"
    return {
        "id": id_,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {
            "enabled": wants_tax,
            "liability": {"type": "self"} if wants_tax else None,
            "provider": "stripe" if wants_tax else None,
            "status": "complete" if wants_tax else None,
        },
        "billing_address_collection": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "created": now,
        "currency": currency,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "expires_at": int(params.get("expires_at", now + 24 * 3600)),
        "invoice": None,
        "livemode": False,
        "locale": None,
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{base}/c/pay/{id_}",
    }


def intent(session: Doc, metadata: Doc, *, now: int) -> Doc:
    """The payment behind a session, from the moment somebody tries to pay."""
    id_ = new_id("pi")
    return {
        "id": id_,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id_}_secret_{secrets.token_hex(8)}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": session["currency"],
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata,
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": None,
        "status": "requires_payment_method",
    }


def charge(intent: Doc, *, status: str, email: str, base: str, now: int) -> Doc:
    """One attempt to take the money. A delayed one comes from a bank account and has no card."""
    id_ = new_id("ch")
    card = {
        "brand": "visa",
        "checks": None,
        "country": "US",
        "exp_month": 12,
        "exp_year": 2040,
        "fingerprint": "sandbox",
        "funding": "credit",
        "installments": None,
        "last4": "0002" if status == "failed" else "4242",
        "mandate": None,
        "network": "visa",
        "three_d_secure": None,
        "wallet": None,
    }
    bank = {
        "bank_code": "00000000",
        "branch_code": None,
        "country": "DE",
        "fingerprint": "sandbox",
        "last4": "3000",
        "mandate": None,
    }
    return {
        "id": id_,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if status == "succeeded" else 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {
            "address": None,
            "email": email,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "captured": status == "succeeded",
        "created": now,
        "currency": intent["currency"],
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_code": "card_declined" if status == "failed" else None,
        "failure_message": "Your card was declined." if status == "failed" else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": None,
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": new_id("pm"),
        "payment_method_details": (
            {"sepa_debit": bank, "type": "sepa_debit"}
            if status == "pending"
            else {"card": card, "type": "card"}
        ),
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": f"{base}/receipts/{id_}" if status == "succeeded" else None,
        "refunded": False,
        "review": None,
        "status": status,
    }


def refund(charge: Doc, *, amount: int, status: str, params: Doc, now: int) -> Doc:
    """Money on its way back to a charge."""
    doc = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "destination_details": {
            "card": {"type": "refund", "reference_status": "pending"},
            "type": "card",
        },
        "metadata": params.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
    }
    if status == "pending":
        doc["pending_reason"] = "insufficient_funds"
    return doc


def dispute(charge: Doc, *, status: str, reason: str, now: int) -> Doc:
    """A charge that the buyer's bank asks about or takes back. No evidence is taken here."""
    nothing = (
        "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
        "cancellation_rebuttal customer_communication customer_email_address customer_name "
        "customer_purchase_ip customer_signature duplicate_charge_documentation "
        "duplicate_charge_explanation duplicate_charge_id product_description receipt "
        "refund_policy refund_policy_disclosure refund_refusal_explanation service_date "
        "service_documentation shipping_address shipping_carrier shipping_date "
        "shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text"
    )
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(nothing.split()), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + 7 * 24 * 3600,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": status.startswith("warning_"),
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": status,
    }


def fraud_warning(charge: Doc, *, now: int) -> Doc:
    """What the issuer of a card suspects, before anybody disputes."""
    return {
        "id": new_id("issfr"),
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": charge["id"],
        "created": now,
        "fraud_type": "made_with_stolen_card",
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }


def event(kind: str, thing: Doc, *, request: Doc, is_awaited: bool, now: int) -> Doc:
    """What happened, with the object as it is now."""
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": {"object": thing},
        "livemode": False,
        "pending_webhooks": int(is_awaited),
        "request": request,
        "type": kind,
    }
