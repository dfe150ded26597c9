"""ICDAR: text localization, recognition and segmentation."""
