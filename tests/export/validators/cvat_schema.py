"""lxml validates `annotations.xml` against the schema of CVAT's XML: the list of errors."""

import json
import sys
from pathlib import Path

from lxml import etree

schema = etree.XMLSchema(etree.parse(str(Path(__file__).parents[1] / "cvat.xsd")))
document = etree.parse(str(Path(sys.argv[1]) / "annotations.xml"))
schema.validate(document)
print(json.dumps([f"{error.line}: {error.message}" for error in schema.error_log]))
