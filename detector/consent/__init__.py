"""Consent UI: where it stands, what kind it is, which button does what."""
