"""Visits, the kiosk, events, training, clubs, gifts: what a library does so that people read."""
