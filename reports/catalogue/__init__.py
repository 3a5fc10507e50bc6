"""The catalogue of cloud plans: plans.toml, validated into frozen records."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

MIB = 1024 * 1024
# 2**20 bytes are 4.9 % more than 10**6: what a vendor's MB or GB may mean at worst.
DECIMAL_MIB = 1_000_000
# On a whole machine the operating system takes a part that the run did not measure.
MACHINE_PROVIDERS = ("aws-ec2", "google-compute-engine", "aws-lightsail-vm")

PLANS = Path(__file__).with_name("plans.toml")
STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=STRICT)
class Behaviour:
    """What a provider counts as memory and what happens at the limit."""

    provider: str
    counts: str
    at_limit: str
    swap: str
    source: str
    note: str | None = None


@dataclass(frozen=True, config=STRICT)
class Plan:
    """One plan: memory in MiB as the vendor states it, USD a month, dates and sources."""

    provider: str
    plan: str
    unit_verified: bool
    swap: str
    as_of: str
    source: str
    confidence: str
    memory_mib: int | None = Field(default=None, gt=0)
    memory_mib_max: int | None = Field(default=None, gt=0)
    memory_step_mib: int | None = Field(default=None, gt=0)
    vcpu: float | None = Field(default=None, gt=0)
    usd_month: float | None = Field(default=None, ge=0)
    price_as_of: str | None = None
    price_source: str | None = None
    price_confidence: str | None = None
    note: str | None = None
    aliases: tuple[str, ...] = ()
    kill_mib: int | None = None
    kill_factor: float | None = None
    kill_source: str | None = None
    closed_to_new_customers: str | None = None
    ecs_cpu: int | None = None
    ecs_memory: int | None = None
    cpu_type: str | None = None
    cpu_note: str | None = None
    vcpu_meaning: str | None = None
    vcpu_baseline: float | None = None
    generation: str | None = None
    tmpfs_counts: bool | None = None
    region_note: str | None = None
    subscription_usd_month: float | None = None
    billing: str | None = None
    limit_scope: str | None = None

    @property
    def memory_bytes(self) -> int:
        """Nominal size in bytes (MiB read as 2**20); 0 for a plan without a fixed size."""
        return (self.memory_mib or 0) * MIB

    @property
    def sure_bytes(self) -> int:
        """Size in bytes at the pessimistic reading where the vendor's unit is not verified."""
        return (self.memory_mib or 0) * (MIB if self.unit_verified else DECIMAL_MIB)

    @property
    def price_date(self) -> str:
        """When the price was read."""
        return self.price_as_of or self.as_of

    @property
    def can_be_recommended(self) -> bool:
        """On sale, with a price and a date, no free tier (they sleep), no bare machine."""
        return (
            bool(self.usd_month)
            and self.memory_mib is not None
            and self.closed_to_new_customers is None
            and self.provider not in MACHINE_PROVIDERS
            and _is_date(self.price_date)
        )


@dataclass(frozen=True, config=STRICT)
class Catalogue:
    """All plans, and how each provider behaves at its limit."""

    schema: int
    compiled: date
    behaviour: tuple[Behaviour, ...]
    plan: tuple[Plan, ...]


def load_catalogue(path: Path = PLANS) -> Catalogue:
    """Read and validate plans.toml. Raises pydantic.ValidationError naming the wrong key."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return TypeAdapter(Catalogue).validate_python(content)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
