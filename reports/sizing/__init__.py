"""How much memory to rent: the known rule, the evidence, workers, plans, and configuration."""

from reports.sizing.rule import PLAN_RULE
from reports.sizing.whole import Wish, size_all

__all__ = ["PLAN_RULE", "Wish", "size_all"]
