"""A client of Linewatch: LWP/1 over its Unix socket, with the standard library alone.

    python3 linewatch.py [--socket PATH] [--name NAME]      prints every record as it comes

    with linewatch.Client(name="cell4", state="/var/lib/cell4/linewatch.json") as line:
        for record in line.records():
            if record["t"] == "r":
                open_gate = record["v"] == 1                # the one rule: only v == 1 passes

A record is acknowledged when the next one is asked for, so what was done with it is done before Linewatch
may forget it. `state` keeps the cursor over restarts. SPDX-License-Identifier: Apache-2.0
"""

import argparse
import json
import os
import socket
import sys
import time

SOCKET = "/run/linewatch/plc.sock"
LONGEST_LINE = 32768


class Lost(Exception):
    """The connection ended or fell silent: reject everything until it is back."""


class Refused(Exception):
    """The daemon answered `err`; `reply` is the whole line, `number` its error number."""

    def __init__(self, reply):
        super().__init__(f"{reply['code']} (error {reply['num']}): {reply.get('msg', '')}".rstrip(": "))
        self.reply = reply
        self.number = reply["num"]


class Connection:
    """One connection, line by line: what goes in and out is dictionaries."""

    def __init__(self, path=SOCKET, timeout=5.0):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.buffer = bytearray()
        self.pushed = []
        self.next_id = 0
        try:
            self.socket.connect(path)
        except OSError as error:
            self.socket.close()
            raise Lost(f"{path}: {error.strerror}. Is linewatchd running, and are you in its group?") from error

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send_bytes(self, data):
        """Writes `data` as it is."""
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Lost(f"the connection broke: {error.strerror}") from error

    def send(self, request):
        self.send_bytes(json.dumps(request, separators=(",", ":")).encode() + b"\n")

    def read_line(self, timeout=None):
        """The next line without its newline, as bytes. Raises Lost at the end and after the time."""
        until = time.monotonic() + (self.socket.gettimeout() or 3600 if timeout is None else timeout)
        while (end := self.buffer.find(b"\n")) < 0:
            if len(self.buffer) > LONGEST_LINE:
                raise Lost("the peer sent a line without end: it is not linewatchd")
            left = until - time.monotonic()
            if left <= 0:
                raise Lost("no line in time")
            before = self.socket.gettimeout()
            self.socket.settimeout(left)
            try:
                piece = self.socket.recv(65536)
            except TimeoutError as error:
                raise Lost("no line in time") from error
            except OSError as error:
                raise Lost(f"the connection broke: {error.strerror}") from error
            finally:
                self.socket.settimeout(before)
            if not piece:
                raise Lost("the daemon closed the connection")
            self.buffer += piece
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 1]
        return line

    def read(self, timeout=None):
        """The next line as a dictionary: first those that came while `request` waited for its reply."""
        return self.pushed.pop(0) if self.pushed else json.loads(self.read_line(timeout))

    def request(self, op, timeout=None, **arguments):
        """Sends one request and returns (records, reply), the records being those that came before it.

        Raises Refused if the reply is `err`. Lines that do not belong to the request (heartbeats, a stream)
        are kept for `read`, except before the `end` of a poll.
        """
        self.next_id += 1
        self.send({"op": op, "id": self.next_id, **arguments})
        records = []
        while True:
            line = json.loads(self.read_line(timeout))
            if line.get("id") == self.next_id and line["t"] not in ("r", "e", "gap", "skip", "blob"):
                if line["t"] == "err":
                    raise Refused(line)
                return records, line
            (records if op in ("poll", "get") or line["t"] == "blob" else self.pushed).append(line)


class Client:
    """A consumer that is never lost: connects, streams, acknowledges, and comes back after every outage.

    `state` is a file that keeps the cursor; without one the daemon's own memory of this name serves.
    """

    def __init__(self, path=SOCKET, name="python", state=None, heartbeat=1000, credit=16):
        self.path, self.name, self.state = path, name, state
        self.heartbeat, self.credit = heartbeat, credit
        self.connection = None
        self.greeting = {}
        self.log, self.last = None, None
        if state and os.path.exists(state):
            with open(state) as file:
                kept = json.load(file)
            self.log, self.last = kept["log"], kept["last"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def connect(self):
        """Connects and subscribes. Returns what else the program has to know: "resync", "restarted" or None."""
        connection = Connection(self.path)
        try:
            greeting = connection.read()
            if greeting.get("proto") != 1:
                raise Lost(f"{self.path} speaks protocol {greeting.get('proto')}, this client speaks 1")
            news = None
            if self.log is not None and (greeting["log"] != self.log or self.last > greeting["last"]):
                news, self.last = "resync", greeting["last"]
            elif self.greeting and self.greeting["run"] != greeting["run"]:
                news = "restarted"
            self.log, self.greeting = greeting["log"], greeting
            _, hello = connection.request(
                "hello", name=self.name, proto=1, profile="plc", hb=self.heartbeat)
            if self.last is None:
                self.last = hello["acked"]
            connection.request("sub", after=self.last, credit=self.credit)
            connection.request("watch", ms=3 * self.heartbeat)
        except BaseException:
            connection.close()
            raise
        self.connection = connection
        return news

    def records(self):
        """Every record, in order, once; between them {"t":"resync"}, {"t":"restarted"} and {"t":"lost"}.

        The generator never ends. After "lost" reject everything until the next record or heartbeat.
        """
        pause, unacknowledged = 0.2, False
        while True:
            try:
                if self.connection is None:
                    news = self.connect()
                    if news:
                        yield {"t": news, "seq": self.last}
                if unacknowledged:
                    self.connection.send({"op": "ack", "id": 1 << 20, "seq": self.last})
                    unacknowledged = False
                line = self.connection.read(timeout=3 * self.heartbeat / 1000)
                pause = 0.2
            except (Lost, ValueError) as error:
                self.close()
                yield {"t": "lost", "why": str(error)}
                time.sleep(pause)
                pause = min(2 * pause, 5)
                continue
            if line["t"] == "hb":
                yield line
            elif line["t"] in ("r", "e", "gap", "skip") and line["seq"] > self.last:
                yield line
                self.last = line["seq"]
                self._keep()
                unacknowledged = True

    def trigger(self, camera, part=0, **arguments):
        """Asks for an inspection and returns its job number. Raises Refused: then reject the part."""
        return self.connection.request("trigger", cam=camera, pn=part, **arguments)[1]["job"]

    def _keep(self):
        if not self.state:
            return
        with open(self.state + ".tmp", "w") as file:
            json.dump({"log": self.log, "last": self.last}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.state + ".tmp", self.state)


def main():
    parser = argparse.ArgumentParser(description="Prints the records of Linewatch as they come.")
    parser.add_argument("--socket", default=SOCKET)
    parser.add_argument("--name", default="python")
    parser.add_argument("--state", help="file that keeps the cursor")
    arguments = parser.parse_args()
    with Client(arguments.socket, arguments.name, arguments.state) as client:
        for record in client.records():
            print(json.dumps(record), flush=True)


if __name__ == "__main__":
    try:
        main()
    except (Refused, Lost) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        pass
