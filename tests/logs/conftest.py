"""Examples may take as long as the machine needs: how fast it is today is no matter of these tests."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
