"""The boards that stand under the contract. To put another one under it: subclass `Harness`, and enter it here."""

from tests.hal_contract.harness import Harness
from tests.hal_contract.real import RigBoard
from tests.hal_contract.simulated import AfeBoard, SocBoard

BOARDS: dict[str, type[Harness]] = {"soc": SocBoard, "afe": AfeBoard, "rig": RigBoard}
