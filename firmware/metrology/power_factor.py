"""The power factor of one element, or of the total."""

from hal.frontend import PhaseValues

PPM = 10**6


def power_factor_ppm(values: PhaseValues) -> int:
    """Active over apparent power in millionths, -10**6 to 10**6; 0 without apparent power."""
    if values.apparent_uva == 0:
        return 0
    rounded = (2 * values.active_uw * PPM + values.apparent_uva) // (2 * values.apparent_uva)
    return max(-PPM, min(PPM, rounded))
