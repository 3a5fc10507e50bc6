"""The plan as Locust's shape, with a clock that does not wait."""

from scenarios.model import PhaseSettings, Tier
from scenarios.phases import PhasePlan, make_plan
from scenarios.shape import PlannedShape


class Listener:
    def __init__(self, plan: PhasePlan | None) -> None:
        self.plan = plan
        self.told: list[object] = []
        self.busy_before: set[int] = set()

    def may_begin(self, plan: PhasePlan, index: int) -> bool:
        return index not in self.busy_before and index < len(plan.phases)

    def run_begins(self) -> PhasePlan | None:
        self.told.append("run")
        return self.plan

    def phase_begins(self, plan: PhasePlan, index: int) -> None:
        self.told.append(plan.phases[index].name)

    def plan_completed(self) -> None:
        self.told.append("completed")


def shape_at(listener: Listener) -> tuple[PlannedShape, list[float]]:
    now = [100.0]
    shape = PlannedShape()
    shape.listener = listener
    shape.clock = lambda: now[0]
    return shape, now


def test_a_shape_announces_each_phase_once_and_ends_with_none() -> None:
    listener = Listener(make_plan(PhaseSettings()))
    shape, now = shape_at(listener)
    ticks = []
    for second in range(182):
        now[0] = 100.0 + second
        ticks.append(shape.tick())
    assert listener.told == ["run", "baseline", "load", "cooldown", "completed", "completed"]
    assert (ticks[0], ticks[30], ticks[150], ticks[180]) == ((0, 5.0), (20, 5.0), (0, 20.0), None)


def test_a_run_that_cannot_begin_ends_at_once() -> None:
    shape, _ = shape_at(Listener(None))
    assert shape.tick() is None


def test_the_next_start_takes_a_new_plan() -> None:
    listener = Listener(make_plan(PhaseSettings()))
    shape, _ = shape_at(listener)
    shape.tick()
    shape.run_ended()
    shape.tick()
    assert listener.told == ["run", "baseline", "run", "baseline"]


def test_a_part_that_is_skipped_is_followed_by_its_rest() -> None:
    plan = make_plan(PhaseSettings(plan="attribution"), tuple(Tier))
    listener = Listener(plan)
    shape, now = shape_at(listener)
    names = [phase.name for phase in plan.phases]
    begun: dict[str, float] = {}
    while listener.told[-1:] != ["completed"]:
        before = len(listener.told)
        shape.tick()
        if len(listener.told) > before:
            begun[str(listener.told[-1])] = now[0]
        if listener.told[-1] == "load-light-single" and now[0] > begun["load-light-single"] + 2:
            assert shape.skip_to_rest() == "load-light-single"
        now[0] += 1.0
    assert [name for name in names if name not in begun] == ["load-light"]
    # Short of at most the second until Locust asks again.
    assert 7.0 <= begun["load-medium-single"] - begun["rest-light"] <= 8.0


def test_the_mix_and_its_warm_up_are_no_parts() -> None:
    for settings in (PhaseSettings(), PhaseSettings(plan="attribution", baseline_seconds=1.0)):
        shape, now = shape_at(Listener(make_plan(settings, tuple(Tier))))
        for _ in range(3):
            shape.tick()
            now[0] += 1.0
        assert shape.skip_to_rest() is None


def test_a_cancelled_run_ends_without_being_completed() -> None:
    listener = Listener(make_plan(PhaseSettings()))
    shape, _ = shape_at(listener)
    shape.tick()
    shape.cancel()
    assert shape.tick() is None
    assert listener.told == ["run", "baseline"]


def test_seconds_left_are_those_of_the_announced_phase() -> None:
    shape, now = shape_at(Listener(make_plan(PhaseSettings())))
    shape.tick()
    now[0] = 129.0
    left = [shape.seconds_left_in_phase()]
    # The border has passed, the next tick has not come: still the phase that was announced.
    now[0] = 130.5
    left.append(shape.seconds_left_in_phase())
    shape.tick()
    left.append(shape.seconds_left_in_phase())
    assert left == [1.0, 0.0, 119.5]


def test_between_two_phases_nobody_is_there_and_the_plan_waits() -> None:
    listener = Listener(make_plan(PhaseSettings()))
    shape, now = shape_at(listener)
    shape.tick()
    listener.busy_before = {1}
    held = []
    for second in range(30, 40):
        now[0] = 100.0 + second
        held.append(shape.tick())
    listener.busy_before = set()
    now[0] = 141.0
    assert set(held) == {(0, 20.0)}
    assert listener.told == ["run", "baseline"]
    assert shape.tick() == (20, 5.0)
    # The load begins with its whole length before it.
    assert shape.seconds_left_in_phase() == 120.0


def test_a_late_tick_skips_no_phase() -> None:
    listener = Listener(make_plan(PhaseSettings()))
    shape, now = shape_at(listener)
    shape.tick()
    # The machine stood still from the baseline until after the planned end.
    for second in (500, 501, 625, 660):
        now[0] = 100.0 + second
        shape.tick()
    assert listener.told == ["run", "baseline", "load", "cooldown", "completed"]


def skipped_at(
    second: float, settings: PhaseSettings
) -> tuple[Listener, PlannedShape, list[float]]:
    """A shape that was told to leave the load at that second, one tick later."""
    listener = Listener(make_plan(settings))
    shape, now = shape_at(listener)
    for tick in range(int(second) + 1):
        now[0] = 100.0 + tick
        shape.tick()
    assert shape.skip_to_cooldown()
    now[0] += 1.0
    assert shape.tick() == (0, 20.0)
    return listener, shape, now


def test_a_load_that_is_stopped_keeps_its_whole_cooldown() -> None:
    listener, shape, now = skipped_at(40, PhaseSettings())
    assert listener.told == ["run", "baseline", "load", "cooldown"]
    assert shape.seconds_left_in_phase() == 29.0
    now[0] += 29.0
    assert shape.tick() is None
    assert listener.told[-1] == "completed"


def test_a_stopped_staircase_leaves_out_the_stairs_to_come() -> None:
    listener, _, _ = skipped_at(60, PhaseSettings(plan="staircase"))
    assert listener.told == ["run", "baseline", "load-1", "load-2", "cooldown"]


def test_a_stopped_first_wave_ends_with_the_last_cooldown() -> None:
    listener, shape, _ = skipped_at(60, PhaseSettings(plan="two-wave"))
    assert listener.told == ["run", "baseline", "load", "cooldown-2"]
    assert shape.seconds_left_in_phase() == 29.0


def test_in_the_cooldown_and_before_the_run_there_is_no_load_to_stop() -> None:
    shape, now = shape_at(Listener(make_plan(PhaseSettings())))
    before = shape.skip_to_cooldown()
    for second in (0, 40, 160):
        now[0] = 100.0 + second
        shape.tick()
    assert (before, shape.skip_to_cooldown(), shape.seconds_left_in_phase()) == (False, False, 20.0)


def test_in_steps_the_ramp_follows_the_clock_and_ends_at_the_users() -> None:
    shape, now = shape_at(Listener(make_plan(PhaseSettings())))
    shape.in_steps = True
    ticks = []
    for second in (0, 30, 31, 33, 40, 150):
        now[0] = 100.0 + second
        ticks.append(shape.tick())
    assert ticks == [(0, 5.0), (5, 10.0), (10, 10.0), (20, 10.0), (20, 10.0), (0, 20.0)]


def test_a_tick_that_comes_a_little_early_finds_the_border() -> None:
    listener = Listener(make_plan(PhaseSettings()))
    shape, now = shape_at(listener)
    shape.tick()
    now[0] = 129.99
    assert shape.tick() == (20, 5.0)
