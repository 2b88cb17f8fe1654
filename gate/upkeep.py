"""What runs beside a gate's loop: systemd's watchdog, the daily self-test, alarm and metrics."""

import asyncio
from datetime import time

from gate.compose import Gate
from gate.config import Config
from gate.daily import daily
from gate.metrics import Metrics
from gate.metrics_page import serve
from gate.occupancy import OccupancyAlarm
from gate.passage.events import SelfTestWanted
from gate.passage.phases import Phase
from gate.ports import DeviceError
from gate.vocabulary.reasons import Reason
from gate.watchdog import Notifier, attend

SCHEDULE = "schedule"
"""Who asked for the daily self-test, in the journal."""
IDLE = (Phase.READY, Phase.OUT_OF_SERVICE)


class Upkeep:
    """The attendants of one gate; made before its runner runs."""

    def __init__(self, gate: Gate, config: Config) -> None:
        self._gate = gate
        self._config = config
        self._metrics = Metrics()
        self._notifier = Notifier()
        self._occupied = OccupancyAlarm(self._too_long)
        gate.runner.subscribe(self._metrics)
        gate.runner.subscribe(self._occupied)

    async def run(self) -> None:
        """Attend until cancelled. Raises OSError if the port of the metrics is taken."""
        server = None
        if self._config.metrics.port:
            server = await serve(self.metrics_text, self._config.metrics.port)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._attended())
                if self._config.maintenance.self_test_at:
                    tasks.create_task(self._tested_daily())
        finally:
            self._notifier.tell("STOPPING=1")
            self._occupied.close()
            if server is not None:
                server.close()

    async def metrics_text(self) -> str:
        """The metrics as of now."""
        try:
            synced_at = await self._gate.store.synced_at()
        except DeviceError:
            synced_at = None
        return self._metrics.text(self._gate.ports.clock.utc(), synced_at)

    async def _attended(self) -> None:
        runner = self._gate.runner
        await attend(
            self._notifier,
            runner.behind_s,
            lambda: runner.state.phase.value.replace("_", " "),
            lambda: runner.state.phase is not Phase.STARTING,
        )

    async def _tested_daily(self) -> None:
        at = time.fromisoformat(self._config.maintenance.self_test_at)
        await daily(at, self._gate.ports.clock.utc, self._test)

    def _test(self) -> bool:
        state = self._gate.runner.state
        if state.phase not in IDLE or state.sensors.presence > 0:
            return False
        self._gate.runner.post(SelfTestWanted(SCHEDULE, attended=False))
        return True

    def _too_long(self) -> None:
        """Somebody has been inside for too long: alert, and call an officer whatever the phase."""
        ports, passage = self._gate.ports, self._gate.runner.state.passage
        who, reason = passage.id if passage else None, Reason.OCCUPIED_TOO_LONG
        ports.staff.alert(reason, who)
        ports.staff.call(who, (reason,))
        ports.store.append("alert", who, {"reason": reason.value}, ports.clock.utc())
