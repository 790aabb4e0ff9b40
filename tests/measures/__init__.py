"""What the desk takes, in a real browser, the engine at full load."""
