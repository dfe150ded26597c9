"""COCO, and COCO keypoints."""
