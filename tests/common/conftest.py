from hypothesis import settings

# On a machine that others use too, a slow example is no failure.
settings.register_profile("common", deadline=None, max_examples=200)
settings.load_profile("common")
