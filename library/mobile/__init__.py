"""Thư viện lưu động: vehicles, their trips, and the stops where books are lent for a morning."""
