"""Plays systemd for the sockets of a daemon: listens at PLC and ADMIN and passes both to the program that is named
after them, whenever a line "start" comes on standard input. "kill" ends it as a crash would, "stop" in order; the
sockets stay. Answers each line with one of its own. Ends with its input.

    activate.py PLC ADMIN PROGRAM ARGUMENT...
"""
import os
import signal
import socket
import sys


def listening(path):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.bind(path)
    made.listen(64)
    return made


plc, admin, command = sys.argv[1], sys.argv[2], sys.argv[3:]
sockets = [listening(plc), listening(admin)]
child = 0
while True:
    line = sys.stdin.readline().strip()
    if line == "start":
        child = os.fork()
        if child == 0:
            # First beyond the numbers that they get: neither overwrites the other.
            high = [os.dup2(made.fileno(), 20 + index) for index, made in enumerate(sockets)]
            for index, number in enumerate(high):
                os.dup2(number, 3 + index, inheritable=True)
            os.environ.update(LISTEN_FDS="2", LISTEN_FDNAMES="plc:admin", LISTEN_PID=str(os.getpid()))
            os.execv(command[0], command)
        print("started", flush=True)
    elif child:
        os.kill(child, signal.SIGTERM if line == "stop" else signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        child = 0
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)
    if not line:
        break
