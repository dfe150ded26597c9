from hypothesis import HealthCheck, settings

# On a machine that others use too, a slow example is no failure; nor is a property that few rings have.
_LENIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile("common", deadline=None, max_examples=200, suppress_health_check=_LENIENT)
settings.load_profile("common")
