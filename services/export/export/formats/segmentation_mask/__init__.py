"""Segmentation masks of Pascal VOC."""
