"""From the tables `[[fault]]` to faults."""

from sim import faults
from sim.scenario import fault_tables
from sim.scenario.fault_tables import FaultTable


def fault_of(table: FaultTable) -> faults.Fault:
    """The fault that a table describes."""
    if isinstance(table, fault_tables.BatteryFail):
        return faults.BatteryFail(table.id, table.at_ns)
    if isinstance(table, fault_tables.BatteryReplace):
        return faults.BatteryReplace(table.id, table.at_ns)
    if isinstance(table, fault_tables.SupplyFail):
        return faults.SupplyFail(table.id, table.at_ns, table.duration_ns)
    if isinstance(table, fault_tables.PowerCut):
        return faults.PowerCut(table.id, table.at_ns, table.duration_ns)
    if isinstance(table, fault_tables.PhaseFail):
        phases = tuple(phase - 1 for phase in table.phases)
        return faults.PhaseFail(table.id, table.at_ns, table.duration_ns, phases)
    return faults.TerminalCoverOpen(table.id, table.at_ns, table.duration_ns)
