"""Measurements of speed and size, one a module; the last line that main(argv) prints is one JSON object."""
