"""Open connections: the plan, what a user holds, and what the report says of it."""
