"""What happens to the control inputs."""

from hal.inputs import Input
from sim.bench import Bench
from sim.faults.fault import Lasting
from sim.faults.tamper import awake
from sim.scenario import input_faults as tables


class ControlEnergised(Lasting):
    """The input was at rest, and the meter awake to see it energised.

    A meter logs nothing of it: what the input does is in its registers.
    """

    given: tables.ControlEnergised

    def begin(self, bench: Bench) -> None:
        which = Input(self.given.input)
        if not bench.board.inputs.state(which) and awake(bench):
            self.effect = f"the input {which.value} was energised, and the meter was awake"
        bench.board.inputs.put(which, True)

    def end(self, bench: Bench) -> None:
        bench.board.inputs.put(Input(self.given.input), False)
