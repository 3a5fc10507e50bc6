"""Bokeh figures, as JSON for the page's script: one file a chart, one look."""
