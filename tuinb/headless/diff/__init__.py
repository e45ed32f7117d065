"""`tuinb diff`: compares two notebooks by cells. Begin with command.py."""
