"""YOLO: Darknet and Ultralytics."""
