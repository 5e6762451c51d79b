"""Opening messages: sign-on `/?address!`, identification `/XXXZ\\Wid`, option select `ACK V Z Y`, each with CR LF."""

from dataclasses import dataclass

from .baud import Mode, baud_of, mode_of
from .characters import ACK, CRLF, check_field, first_unfit, is_printable
from .errors import ParseError
from .limits import DEVICE_ADDRESS_CHARS, IDENTIFICATION_CHARS
from .timing import REACTION_MIN_NS, REACTION_MIN_SHORT_NS

PROTOCOL_NORMAL = "0"
MODE_READOUT = "0"
MODE_PROGRAMMING = "1"

WAKE_UP = bytes(66)
"""NULs that wake a battery-operated device: 66 characters of 10 bits at 300 Bd last 2.2 s (timing.WAKE_UP_NULS_NS)."""


def encode_sign_on(address: str = "") -> bytes:
    """Request message; an empty address asks whoever hears it. ValueError unless at most 32 letters, digits, spaces."""
    check_device_address(address)
    return f"/?{address}!{CRLF}".encode("ascii")


def parse_sign_on(message: bytes) -> str:
    """Address (possibly empty) of a whole request message. ParseError if it is not one."""
    if not message.startswith(b"/?"):
        raise ParseError(0, "'/?' expected")
    if not message.endswith(b"!\r\n"):
        raise ParseError(len(message), "'!' CR LF expected at the end")
    address = "".join(map(chr, message[2:-3]))
    try:
        check_device_address(address)
    except ValueError as error:
        raise ParseError(2, str(error)) from None
    return address


def address_matches(own: str, asked: str) -> bool:
    """Whether a device with address `own` answers a sign-on for `asked`: none, or equal but for leading zeros."""
    return not asked or (bool(own) and own.lstrip("0") == asked.lstrip("0"))


def check_device_address(address: str) -> None:
    """ValueError unless `address` is at most 32 letters, digits and spaces [m]."""
    check_field("device address", address, "", DEVICE_ADDRESS_CHARS)
    for index, character in enumerate(address):
        if not (character.isalnum() or character == " "):
            raise ValueError(f"device address has {character!r} at {index}, where a letter, digit or space is expected")


@dataclass(frozen=True, slots=True)
class Identification:
    """Identification message `/XXXZ[\\W...]id`.

    `manufacturer`: three letters, the first two upper case; a lower-case third announces the short reaction time.
    `baud_character`: one printable character. `enhanced`: the characters that each follow a backslash.
    `identification`: at most 16 printable characters without `/` and `!`, not beginning with a backslash.
    ValueError if not so.
    """

    manufacturer: str
    baud_character: str
    identification: str
    enhanced: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        letters = self.manufacturer
        if not (len(letters) == 3 and letters.isascii() and letters.isalpha() and letters[:2].isupper()):
            raise ValueError(f"manufacturer {letters!r} is not two upper-case letters and one letter")
        for character in (self.baud_character, *self.enhanced):
            if len(character) != 1 or first_unfit(character, "/!\\") is not None:
                raise ValueError(f"{character!r} is not one printable character other than '/', '!' and backslash")
        check_field("identification", self.identification, "/!", IDENTIFICATION_CHARS)
        if self.identification.startswith("\\"):
            raise ValueError(f"identification {self.identification!r} begins with a backslash, as only W may")

    @property
    def mode(self) -> Mode:
        """Protocol mode announced."""
        return mode_of(self.baud_character, self.enhanced)

    @property
    def baud(self) -> int:
        """Speed announced, Bd."""
        return baud_of(self.baud_character)

    @property
    def reaction_min_ns(self) -> int:
        """Shortest reaction time: 200 ms, or 20 ms if the third manufacturer letter is lower case."""
        return REACTION_MIN_SHORT_NS if self.manufacturer[2].islower() else REACTION_MIN_NS

    def encode(self) -> bytes:
        """The whole message as sent."""
        enhanced = "".join("\\" + character for character in self.enhanced)
        return f"/{self.manufacturer}{self.baud_character}{enhanced}{self.identification}{CRLF}".encode("ascii")


def parse_identification(message: bytes) -> Identification:
    """Identification from a whole message. ParseError if it is not one."""
    text = "".join(map(chr, message))
    if not (text.startswith("/") and text.endswith(CRLF) and len(text) >= 7):
        raise ParseError(0, "'/', three letters, a baud character and CR LF expected")
    rest = text[5 : -len(CRLF)]
    enhanced: list[str] = []
    while rest.startswith("\\") and len(rest) >= 2:
        enhanced.append(rest[1])
        rest = rest[2:]
    try:
        return Identification(text[1:4], text[4], rest, tuple(enhanced))
    except ValueError as error:
        raise ParseError(1, str(error)) from None


@dataclass(frozen=True, slots=True)
class OptionSelect:
    """Option select message `ACK V Z Y`: protocol control, baud and mode control character. ValueError if not so."""

    protocol: str
    baud_character: str
    mode: str

    def __post_init__(self) -> None:
        for character in (self.protocol, self.baud_character, self.mode):
            if len(character) != 1 or first_unfit(character, "") is not None:
                raise ValueError(f"{character!r} is not one printable character")

    def encode(self) -> bytes:
        """The whole message as sent."""
        return f"{chr(ACK)}{self.protocol}{self.baud_character}{self.mode}{CRLF}".encode("ascii")


def parse_option_select(message: bytes) -> OptionSelect:
    """Option select from a whole message of six bytes. ParseError if it is not one."""
    if len(message) != 6 or message[0] != ACK:
        raise ParseError(0, "ACK, three characters and CR LF expected")
    for offset in range(1, 4):
        if not is_printable(message[offset]):
            raise ParseError(offset, f"character {message[offset]:#04x} in an option select")
    if message[4:] != b"\r\n":
        raise ParseError(4, "CR LF expected at the end")
    return OptionSelect(*map(chr, message[1:4]))
