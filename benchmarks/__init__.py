"""Ratios against a bare baseline, measured side by side in the same run."""
