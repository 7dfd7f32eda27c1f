"""Who signs in, what they may do, and where. Sessions live in the database and die at sign-out."""
