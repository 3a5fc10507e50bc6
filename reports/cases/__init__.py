"""A case: what both of its runs showed, whether the fix did what it promises, and its page."""
