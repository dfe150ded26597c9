"""The requests between services, and their answers. All of them are idempotent.

A question is declared once, as a subclass of `Question` in the module of its noun, and answered by a function decorated
with `request_handler`.
"""

# The order of the modules is the order of the questions in generated documents.
# isort: off
from common.contract.questions.question import *
from common.contract.questions.ingest import *
from common.contract.questions.frames import *
from common.contract.questions.inference import *
from common.contract.questions.objects import *
from common.contract.questions.editing import *
from common.contract.questions.history import *
from common.contract.questions.snapshots import *
from common.contract.questions.labeling import *
from common.contract.questions.export import *
from common.contract.questions.imports import *
from common.contract.questions.versions import *

from common.contract.questions.question import registered_questions

# isort: on
QUESTIONS = registered_questions()
