from hypothesis import HealthCheck, settings

# On a shared machine, slow examples are not failures; nor is strict filtering of rings.
_LENIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much]
settings.register_profile("common", deadline=None, max_examples=200, suppress_health_check=_LENIENT)
settings.load_profile("common")
