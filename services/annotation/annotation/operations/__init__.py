"""Operations on many objects of a medium: editing a selection, restoring a moment, undoing."""
