"""What is asked of a Python kernel about its variables, and the code that answers in the kernel (`agent/`).

Pure: texts of requests and of answers. It knows no connection; session/inspector.py sends and receives. Begin with requests.py.
"""
