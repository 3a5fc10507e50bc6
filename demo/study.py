"""A study helper: courses, flashcards, and questions to a pretended model."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from demo.prices import seeded
from demo.tiers import HEAVY, LIGHT, MEDIUM

_COURSES = ("algebra", "biology", "chemistry", "history", "physics", "statistics")
_SLUG = r"^[A-Za-z0-9_\-]{1,40}$"
_CARDS = 300
_EVENTS = 5
_EVENT_GAP_SECONDS = 0.02
_WORDS = ("energy", "matter", "proof", "cell", "force", "treaty", "sample", "bond", "limit", "law")


class Question(BaseModel):
    """A question about a course."""

    question: str = Field(min_length=1, max_length=2000)
    course: str = Field(pattern=_SLUG)


def _cards(course: str) -> list[dict[str, Any]]:
    picks = seeded(course).integers(0, len(_WORDS), (_CARDS, 8)).tolist()
    cards = []
    for number, row in enumerate(picks, start=1):
        words = [_WORDS[pick] for pick in row]
        front = f"What does {words[0]} have to do with {words[1]}?"
        cards.append({"id": number, "front": front, "back": " ".join(words)})
    return cards


async def _events(question: str) -> AsyncIterator[str]:
    for number in range(1, _EVENTS + 1):
        data = json.dumps({"number": number, "text": f"Part {number} on {question[:80]}"})
        yield f"data: {data}\n\n"
        await asyncio.sleep(_EVENT_GAP_SECONDS)
    yield "event: done\ndata: {}\n\n"


def study_router(ai_seconds: float) -> APIRouter:
    """Return the routes of the study helper, whose model takes ai_seconds to answer."""
    router = APIRouter(prefix="/api")

    @router.get("/courses", dependencies=[LIGHT])
    async def courses() -> dict[str, tuple[str, ...]]:
        """List the courses."""
        return {"courses": _COURSES}

    @router.get("/flashcards/{course}", dependencies=[MEDIUM])
    def flashcards(course: Annotated[str, Path(pattern=_SLUG)]) -> dict[str, Any]:
        """Return 300 flashcards."""
        return {"course": course, "cards": _cards(course)}

    @router.get("/stream", dependencies=[MEDIUM])
    async def stream(question: Annotated[str, Query(max_length=2000)]) -> StreamingResponse:
        """Send five server-sent events, 20 ms apart, then the event `done`."""
        headers = {"cache-control": "no-cache"}
        return StreamingResponse(_events(question), media_type="text/event-stream", headers=headers)

    @router.post("/ask", dependencies=[HEAVY])
    async def ask(wanted: Question) -> dict[str, Any]:
        """Answer a question with the cards it calls to mind."""
        cards = _cards(wanted.course)
        # the cards stay alive while we wait, as the context of a real model's request would
        await asyncio.sleep(ai_seconds)
        pick = len(wanted.question) % _CARDS
        return {"course": wanted.course, "answer": cards[pick]["back"], "sources": cards[:3]}

    return router
