"""What there is to read. A title is shared by the libraries of a network; call number, level and notes are local."""
