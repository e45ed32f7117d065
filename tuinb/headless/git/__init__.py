"""`tuinb git`: how git compares and merges notebooks. Begin with command.py; settings.py writes git's configuration."""
