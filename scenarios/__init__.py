"""What load: endpoints and tiers, user classes in a 60/30/10 mix, phases as one load shape.

`scenarios.model`, `scenarios.loading`, `scenarios.phases` and `scenarios.errors` never import
locust; `scenarios.users`, `scenarios.shape` and `scenarios.options` do.
"""
