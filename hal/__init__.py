"""What a board offers the firmware: one Protocol per device, types and units; no behaviour."""
