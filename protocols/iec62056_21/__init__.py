"""IEC 62056-21: the wire protocol of a meter's optical port, sans-IO.

`TariffDevice` is the meter's side, `ReadingDevice` the client's; `data`, `block`, `sign_on` and `baud` are the codecs
beneath them, `timing` and `limits` the figures that their owners keep.
"""

from .baud import INITIAL_BAUD, Mode
from .commands import AuthenticationMethod, CommandType
from .data import DataSet, Value
from .errors import ErrorCode, LocalProtocolError, ParseError
from .line import Send, SetBaud
from .reading_device import ReadingDevice
from .rejection import MessageRejected, Rejection
from .sign_on import Identification
from .tariff_device import TariffDevice

__all__ = [
    "INITIAL_BAUD",
    "AuthenticationMethod",
    "CommandType",
    "DataSet",
    "ErrorCode",
    "Identification",
    "LocalProtocolError",
    "MessageRejected",
    "Mode",
    "ParseError",
    "ReadingDevice",
    "Rejection",
    "Send",
    "SetBaud",
    "TariffDevice",
    "Value",
]
