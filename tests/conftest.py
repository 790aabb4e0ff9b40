"""What all tests share."""

from hypothesis import settings

# a busy machine is slow at times: no test fails for its seconds
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
