"""CVAT: XML of images and of videos, and the JSON of task backups."""
