"""The facts that services publish, and the jobs they queue.

A fact states what happened and carries the data its consumers need. Subject: `<type>.v<version>.<project_id>`. The id
of an event is derived from its `key`, so that publishing it again is idempotent. An event is declared once, as a
subclass of `Event` in the module of its service.
"""

# The order of the modules is the order of the events in generated documents.
# isort: off
from common.contract.events.event import *
from common.contract.events.gateway import *
from common.contract.events.ingest import *
from common.contract.events.frames import *
from common.contract.events.inference import *
from common.contract.events.annotation import *
from common.contract.events.export import *
from common.contract.events.imports import *
from common.contract.events.versions import *

from common.contract.events.event import registered_facts, registered_jobs

# isort: on
FACTS = registered_facts()
JOBS = registered_jobs()
