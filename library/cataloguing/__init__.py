"""Books come in by hand: a form for one without a number, a scanner for forty with one, a picture of the cover, and the
call numbers on their spines. Describing is `catalogue`'s, the register `holdings`'s; here they meet on one page."""
