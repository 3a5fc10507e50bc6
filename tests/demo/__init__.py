"""Tests of the built-in demo service."""
