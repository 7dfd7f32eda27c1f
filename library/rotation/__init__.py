"""Luân chuyển: batches of copies that go round sites, what sites wish, and what was signed for."""
