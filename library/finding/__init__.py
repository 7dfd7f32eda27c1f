"""Looking for books: what there is, where it is, free or not. For readers on a telephone and for the staff."""
