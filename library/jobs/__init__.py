"""Long work, done beside the server in short steps. Rows of our own database hold the whole truth, so a kill resumes."""
