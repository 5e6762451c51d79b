"""What can go wrong, and when: one file a family. `catalogue` has all kinds; `fault` says what a fault is.

To add a kind: a table with its parameters in one of `sim.scenario.*_faults` (and in `FaultTable`), a class here that is
given the table, and a line in `sim.faults.catalogue`.
"""

from sim.faults.catalogue import CATALOGUE, fault_of
from sim.faults.fault import Fault, Lasting
from sim.faults.owed import Owed, Stamp

__all__ = ["CATALOGUE", "Fault", "Lasting", "Owed", "Stamp", "fault_of"]
