"""Papers to sign: a template that people may edit and plain values, made into DOCX and PDF.

Knows no noun of the field: each package builds its own values and ships its own templates.
"""
