"""Sessions that outlive their terminals: a process of its own holds the session, and terminals attach to it.

`tuinb FILE` begins or finds that process, the daemon, and hands it the descriptors of its terminal. The daemon runs one app for
each attached terminal over the one session; the command waits in the foreground (client.py). Keys and screens pass between the
daemon and the terminal directly. The command and the daemon exchange only the few messages of frames.py.

Nothing below knows this room: screens see the other ones as ui.system.Company.
registry.py lists the sessions that run. Requests without a terminal (requests.py, driving.py) list, end and drive a session;
commands/ sends them. batch_run.py is the run of `tuinb run --detach`.
Begin with start.py, then server.py.
"""
