"""`tuinb run`: notebooks on fresh kernels, several at a time, with parameters.

job.py is one notebook from reading to saving; runner.py drives its session cell by cell; report.py and progress.py print;
autosave.py saves while it runs. Begin with command.py.
"""
