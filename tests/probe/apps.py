"""The same small service three times: in FastAPI, Flask and Django, each with one line for us."""

from __future__ import annotations

import os
from typing import Any

from memory_sidecar.probe import install

HOLDS = {"password": "hunter2", "rows": ["x" * 10] * 400_000}


def fastapi_app() -> Any:
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/")
    async def hello() -> dict[str, int]:
        return {"pid": os.getpid()}

    return install(app, scheduler_enabled=True)


def flask_app() -> Any:
    from flask import Flask

    app = Flask(__name__)

    @app.get("/")
    def hello() -> dict[str, int]:
        return {"pid": os.getpid()}

    return install(app, scheduler_enabled=lambda: True)


def django_app() -> Any:
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, JsonResponse
    from django.urls import path

    def hello(request: HttpRequest) -> JsonResponse:
        return JsonResponse({"pid": os.getpid()})

    settings.configure(
        SECRET_KEY="for tests", ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF="tests.probe.urls"
    )
    urls = type("urls", (), {"urlpatterns": [path("", hello)]})
    settings.ROOT_URLCONF = urls
    django.setup()
    return install(get_wsgi_application(), scheduler_enabled=True)
