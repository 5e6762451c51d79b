"""The checksum of the legally relevant software, over its source files: `python -m tests.project.seal` writes it."""

import re
from pathlib import Path

from crcmod.predefined import PredefinedCrc

from firmware.software import LEGALLY_RELEVANT

ROOT = Path(__file__).parents[2]
WHERE = ROOT / "firmware/software.py"


def checksum() -> int:
    crc = PredefinedCrc("crc-32")
    for part in LEGALLY_RELEVANT:
        path = ROOT / part
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            crc.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
            crc.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return int(crc.crcValue)


def main() -> None:
    text = WHERE.read_text()
    WHERE.write_text(re.sub(r"CHECKSUM: Final = 0x[0-9A-F]{8}", f"CHECKSUM: Final = 0x{checksum():08X}", text))


if __name__ == "__main__":
    main()
