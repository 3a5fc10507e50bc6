"""The service: GET /keep keeps, GET / does not."""

from fastapi import FastAPI

from tests.inside.parts import frames, history

app = FastAPI()


@app.get("/")
async def light() -> dict[str, int]:
    return {"requests": len(history.kept)}


@app.get("/keep")
async def keep() -> dict[str, int]:
    history.remember()
    frames.analyse()
    return {"requests": len(history.kept)}
