"""Charts as JSON text for one script element: safe there, whatever the run was called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bokeh.document import Document
from bokeh.embed.util import standalone_docs_json_and_render_items
from bokeh.models import LayoutDOM


def charts_json(charts: Mapping[str, LayoutDOM]) -> str:
    """{element id: chart} as the arguments of Bokeh's embed_items.

    All are roots of one document, so that axes and crosshair are shared and no data is there twice.
    `<`, `>` and `&` are escaped.
    """
    content: dict[str, Any] = {"documents": {}, "items": []}
    if charts:
        models = list(charts.values())
        whole = Document()
        for model in models:
            whole.add_root(model)
        documents, (item,) = standalone_docs_json_and_render_items(models)
        (document,) = documents
        roots = {model.id: target for target, model in charts.items()}
        content = {
            "documents": documents,
            "items": [{"docid": document, "roots": roots, "root_ids": list(roots)}],
        }
        assert set(item.roots.to_json()) == set(roots)  # noqa: S101 - Bokeh knows the same roots
    text = json.dumps(content, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
