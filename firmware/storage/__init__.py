"""The record log on flash: rings of records that survive a power cut at any instant, and the map of where they lie."""
