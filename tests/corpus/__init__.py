"""Runs whose truth is known: made series here, recorded runs of live targets beside them."""
