"""The characters of IEC 62056-21: 7 bits each (parity belongs to the port)."""

SOH = 0x01
STX = 0x02
ETX = 0x03
EOT = 0x04
ACK = 0x06
LF = 0x0A
CR = 0x0D
NAK = 0x15
CRLF = "\r\n"
END_OF_DATA = "!" + CRLF

SEVEN_BITS = 0x7F


def is_printable(byte: int) -> bool:
    """Whether a byte value is a printable character, space included."""
    return 0x20 <= byte <= 0x7E


def first_unfit(text: str, forbidden: str) -> int | None:
    """Index of the first character of `text` that is not printable ASCII or is in `forbidden`; None if all fit."""
    for index, character in enumerate(text):
        if not is_printable(ord(character)) or character in forbidden:
            return index
    return None


def check_field(what: str, text: str, forbidden: str, limit: int) -> None:
    """Raise ValueError, naming the field, unless `text` has at most `limit` characters, all fit."""
    if len(text) > limit:
        raise ValueError(f"{what} has {len(text)} characters, at most {limit} are allowed: {text!r}")
    index = first_unfit(text, forbidden)
    if index is not None:
        raise ValueError(f"{what} has {text[index]!r} at {index}, which it may not contain: {text!r}")
