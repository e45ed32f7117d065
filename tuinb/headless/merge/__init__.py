"""`tuinb merge`: merges two versions of a notebook with their common base. Begin with command.py."""
