"""Bad input of every kind at every door: one line, exit code 2, nothing changed."""
