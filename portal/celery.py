"""Celery: tasks of both apps, and the one schedule that beat follows."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_time_limit=900,
    task_soft_time_limit=840,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # A broker that is down must not hold a request: give up within two seconds.
    broker_connection_timeout=1,
    broker_transport_options={
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
    },
    task_publish_retry=False,
    # What may take hours has a queue and workers of its own.
    task_routes={
        "meetings.intake.tasks.take_up_long": {"queue": "long"},
        "meetings.clips.tasks.make_long": {"queue": "long"},
        "meetings.data.tasks.take_snapshot": {"queue": "long"},
    },
    timezone="UTC",
    beat_schedule={
        "end memberships that ran out": {
            "task": "memberships.purchases.tasks.end_what_ran_out",
            "schedule": crontab(minute=5),
        },
        "take up Stripe's events, send refunds": {
            "task": "memberships.payments.tasks.take_up",
            "schedule": 30.0,
            "options": {"expires": 30},  # the next one does its work as well
        },
        "reconcile with Stripe": {
            "task": "memberships.payments.tasks.reconcile",
            "schedule": crontab(minute=35),
        },
        "reconcile a whole month with Stripe": {
            "task": "memberships.payments.tasks.reconcile_all",
            "schedule": crontab(hour=4, minute=11),
        },
        "drop old payloads of Stripe's events": {
            "task": "memberships.payments.tasks.drop_old_payloads",
            "schedule": crontab(hour=3, minute=53),
        },
        "take up steps that wait": {
            "task": "meetings.intake.tasks.take_up_waiting",
            "schedule": 60.0,
        },
        "take up steps that take long": {
            "task": "meetings.intake.tasks.take_up_long",
            "schedule": 60.0,
            "options": {"expires": 60},  # the next one does its work as well
        },
        "drop the addresses of readers who were answered": {
            "task": "meetings.articles.tasks.drop_addresses",
            "schedule": crontab(hour=3, minute=29),
        },
        "make files of clips": {
            "task": "meetings.clips.tasks.make_waiting",
            "schedule": 60.0,
            "options": {"expires": 60},  # the next one does its work as well
        },
        "make files of clips that take long": {
            "task": "meetings.clips.tasks.make_long",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "tell members what their alerts found": {
            "task": "meetings.alerts.tasks.tell",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "call members' webhooks": {
            "task": "meetings.alerts.tasks.call_webhooks",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "take the snapshot of the open data": {
            "task": "meetings.data.tasks.take_snapshot",
            "schedule": crontab(hour=2, minute=23),
        },
        "remove files that belong to no clip": {
            "task": "meetings.clips.tasks.sweep",
            "schedule": crontab(minute=22),
        },
        "remove what dead workers left": {
            "task": "meetings.media.tasks.sweep",
            "schedule": crontab(minute=47),
        },
        "send mail that waits": {
            "task": "portal.post.tasks.send_due",
            "schedule": 60.0,
            "options": {"expires": 60},  # the next one does its work as well
        },
        "drop the words of old mail": {
            "task": "portal.post.tasks.empty_old",
            "schedule": crontab(hour=3, minute=41),
        },
        "clear old sessions": {
            "task": "portal.site.tasks.clear_sessions",
            "schedule": crontab(hour=3, minute=17),
        },
    },
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["memberships", "meetings", "portal.post", "portal.site"])
