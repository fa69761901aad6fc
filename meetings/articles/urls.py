"""Addresses of articles."""

from django.urls import path

from . import views

urlpatterns = [
    path("articles/<int:pk>/share.png", views.share, name="article-share"),
    path("articles/<int:pk>/<slug:slug>/", views.article, name="article"),
    path("articles/<int:pk>/<slug:slug>/report/", views.report, name="report"),
    path(
        "articles/<int:pk>/<slug:slug>/report/received/",
        views.report_received,
        name="report-received",
    ),
    path("articles/<int:pk>/<slug:slug>/history/", views.article_history, name="article-history"),
    path("corrections/", views.corrections, name="corrections"),
    path("corrections/<int:pk>/", views.correction, name="correction"),
    path("feeds/corrections.atom", views.corrections_feed, name="corrections-feed"),
]
