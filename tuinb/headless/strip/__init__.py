"""`tuinb strip`: removes outputs and execution counts, and is the filter of a git repository. Begin with command.py."""
