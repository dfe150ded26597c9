"""Questions about formats and exports."""

from common.contract import questions
from common.messaging.handlers import RequestRouter, request_handler
from export.exporting.service import ExportService
from export.formats.registry import FORMATS, READERS

router = RequestRouter[ExportService]("export_service")


@router.subscriber(**request_handler(questions.ListFormats))
async def list_formats(_: questions.ListFormats) -> questions.FormatList:
    """All formats; those that can only be imported come last."""
    exported = [
        questions.Format(name=name, can_export=True, can_import=name in READERS, cannot_carry=list(known.cannot_carry))
        for name, known in FORMATS.items()
    ]
    import_only = [name for name in READERS if name not in FORMATS]
    return questions.FormatList(
        items=[
            *exported,
            *(questions.Format(name=name, can_export=False, can_import=True, cannot_carry=[]) for name in import_only),
        ]
    )


router.answer(questions.StartExport, ExportService.start)
router.answer(questions.GetExport, lambda exports, question: exports.get(question.export_id))
router.answer(questions.ListExports, lambda exports, question: exports.page(question.project_id, question.page))
router.answer(questions.CancelExport, lambda exports, question: exports.cancel(question.export_id))
