"""File encodings, apart from the formats that use them: containers, images, tables, texts."""
