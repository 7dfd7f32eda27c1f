"""What a file is called on the wire."""

_OFFICE = "application/vnd.openxmlformats-officedocument."
XLSX = _OFFICE + "spreadsheetml.sheet"
DOCX = _OFFICE + "wordprocessingml.document"
CSV = "text/csv; charset=utf-8"
