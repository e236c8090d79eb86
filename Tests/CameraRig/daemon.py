#!/usr/bin/env python3
"""Runs inside the camera VM: the service installed from its Debian package, under systemd, with two vivid cameras.

    daemon.py [SECTION...]

Prints a line "ok NAME: FIGURES" or "FAIL NAME: WHY" per section, with what the journal says where one failed; ends
with 1 if one did. System calls are slow in the VM, so times are generous where no promise is measured.
"""
import glob
import grp
import os
import pwd
import re
import signal
import subprocess
import sys
import time

import linewatch

SERVICE = "linewatchd.service"
UNITS = [SERVICE, "linewatch-plc.socket", "linewatch-admin.socket", "linewatch-clock.timer"]
SETTINGS = "/etc/linewatch/linewatch.toml"
PACKAGE = glob.glob("linewatch_*.deb")[0]
# What the package needs of Debian and the machine does not have.
LIBRARIES = glob.glob("lib*.deb")
CAMERA = """
[[camera]]
id = {number}
name = "vivid{number}"
match = {{ bus = "platform:vivid-00{index}" }}
format = "GREY"
width = 320
height = 180
fps = 5

[[inspect]]
name = "part{number}"
camera = {number}
deadline_ms = 5000
"""
RESTARTING = 40  # seconds
# One of each kind that the watchdog covers.
THREADS = ["capture 1", "inspect 0", "publisher"]


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def run(*command, expect=0, seconds=180, **options):
    """The output of a command that ends with the status `expect`."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, **options)
    output = result.stdout.decode(errors="replace")
    check(result.returncode == expect, f"{' '.join(command)} ended with {result.returncode}: {output[-600:].strip()}")
    return output


def until(condition, what, seconds):
    """The first true value of `condition`, and the seconds until it came."""
    begin = time.monotonic()
    while True:
        value = condition()
        passed = time.monotonic() - begin
        if value:
            return value, passed
        check(passed < seconds, f"no {what} within {seconds} s")
        time.sleep(0.05)


def prop(name, unit=SERVICE):
    return run("systemctl", "show", "--value", "--property", name, unit).strip()


def active():
    state = prop("ActiveState")
    check(state != "failed", "the service failed")
    return state == "active"


def daemon():
    """The process that systemd calls the daemon's, or 0."""
    return int(prop("MainPID"))


def start_time():
    """Milliseconds from the start of the process to READY=1."""
    return (int(prop("ActiveEnterTimestampMonotonic")) - int(prop("InactiveExitTimestampMonotonic"))) // 1000


def state():
    """The state that a client is greeted with."""
    with linewatch.Connection(timeout=RESTARTING) as connection:
        return connection.read()["st"]


def checksum():
    with linewatch.Connection(timeout=RESTARTING) as connection:
        return connection.read()["cfg"]


class Reader:
    """A control program: greeting, hello, and every record from `after` on, checked to be without a hole."""

    def __init__(self, after=None, seconds=RESTARTING):
        self.connection = linewatch.Connection(timeout=seconds)
        self.greeting = self.connection.read()
        self.connection.request("hello", name="cell4", proto=1, profile="plc")
        self.last = self.greeting["last"] if after is None else after
        self.records = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def poll(self):
        """Takes what there is, waiting a second for something."""
        records, end = self.connection.request("poll", after=self.last, max=256, wait=1000)
        for record in records:
            first = record["from"] if record["t"] == "gap" else record["seq"]
            check(first == self.last + 1, f"{record} after number {self.last}")
            self.last = record["seq"]
        self.records += records
        return end

    def wait(self, wanted, what, seconds):
        """Polls until a record is `wanted`; that record, and the seconds until it came."""
        begin, seen = time.monotonic(), 0
        while True:
            for record in self.records[seen:]:
                seen += 1
                if wanted(record):
                    return record, time.monotonic() - begin
            check(time.monotonic() - begin < seconds, f"no {what} within {seconds} s; last: {self.records[-3:]}")
            self.poll()


def result_of(camera):
    return lambda record: record["t"] == "r" and record["cam"] == camera


def event(code, camera=None):
    return lambda record: record["t"] == "e" and record["code"] == code and camera in (None, record["cam"])


def install():
    if LIBRARIES:
        run("dpkg", "--install", "--skip-same-version", *LIBRARIES)
    begin = time.monotonic()
    run("dpkg", "--install", PACKAGE)
    seconds = time.monotonic() - begin
    for unit in UNITS:
        check(run("systemctl", "is-enabled", unit).strip() == "enabled", f"{unit} is not enabled")
    check(run("systemctl", "is-enabled", "linewatch.service").strip() == "alias", "linewatch.service is no alias")
    groups = run("id", "--groups", "--name", "linewatch").split()
    check(set(groups) == {"linewatch", "video"}, f"linewatch is in {groups}")
    for path, mode, group in [("/run/linewatch/plc.sock", 0o660, "linewatch-plc"),
                              ("/run/linewatch/admin.sock", 0o660, "linewatch-admin"),
                              ("/run/linewatch", 0o755, "linewatch"), ("/var/lib/linewatch", 0o750, "linewatch"),
                              (SETTINGS, 0o644, "root")]:
        found = os.stat(path)
        check(found.st_mode & 0o777 == mode and grp.getgrgid(found.st_gid).gr_name == group,
              f"{path} has mode {found.st_mode & 0o777:o} and group {grp.getgrgid(found.st_gid).gr_name}")
    run("linewatch", "config", "check")
    models = run("linewatch", "model", "list")
    check("efficientnet-lite0" in models, models)
    # The machine leaves manual pages out.
    warnings = run("systemd-analyze", "verify", "--man=no", *UNITS).strip()
    check(not warnings, warnings)
    return f"{os.path.getsize(PACKAGE) / 1e6:.0f} MB installed in {seconds:.0f} s"


def demo():
    """As it comes out of the package: one simulated camera."""
    until(active, "READY", 60)
    ready = start_time()
    with Reader(after=0) as reader:
        record, _ = reader.wait(result_of(1), "result", 60)
    check(record["fl"] & 2, f"not marked as simulated: {record}")
    check(record["v"] != 1, f"OK without having been taught: {record}")
    return f"ready after {ready} ms; a result of a simulated part with verdict {record['v']}, reason {record['rs']}"


def cameras():
    with open(SETTINGS, "w") as file:
        file.write('[station]\nid = "VM1"\n' + "".join(CAMERA.format(number=n, index=n - 1) for n in (1, 2)))
    run("linewatch", "config", "check")
    run("systemctl", "restart", "linewatch")
    check(active(), f"the service is {prop('ActiveState')} after its start")
    ready, text = start_time(), prop("StatusText")
    check(ready <= 5000, f"ready after {ready} ms")
    memory = int(prop("MemoryCurrent")) >> 20
    return f"ready after {ready} ms, {memory} MiB; status: {text}"


def poll():
    with Reader() as reader:
        check(reader.greeting["station"] == "VM1", f"{reader.greeting}")
        for camera in (1, 2):
            reader.wait(result_of(camera), f"result of camera {camera}", 60)
        count, begin = len(reader.records), time.monotonic()
        while time.monotonic() - begin < 5:
            reader.poll()
        rate = (len(reader.records) - count) / (time.monotonic() - begin)
        results = [record for record in reader.records if record["t"] == "r"]
        check(all(record["v"] != 1 for record in results), "OK without having been taught")
        check(not any(record["fl"] & 2 for record in results), "a real camera is called simulated")
        reasons = sorted({record["rs"] for record in results})
    # Who is in no group of Linewatch cannot connect; who is in linewatch-plc can.
    program = "import linewatch; print(linewatch.Connection().read()['station'])"
    member = grp.getgrnam("linewatch-plc").gr_gid
    user = {"user": pwd.getpwnam("daemon").pw_uid, "group": pwd.getpwnam("daemon").pw_gid}
    check(run("python3", "-c", program, extra_groups=[member], **user).strip() == "VM1", "a member is refused")
    run("python3", "-c", program, extra_groups=[], expect=1, **user)
    run("linewatch", "conform", "--help")
    return f"{len(results)} results of two cameras, {rate:.1f} a second, without a hole; reasons {reasons}"


def disconnect():
    with Reader() as reader:
        reader.wait(result_of(1), "result", 60)
        run("v4l2-ctl", "-d", "/dev/video0", "-c", "disconnect=1")
        _, lost = reader.wait(event(1101, 1), "camera_lost", 30)
        back, away = reader.wait(event(1102, 1), "camera_back", 30)
        reader.wait(lambda record: result_of(1)(record) and record["seq"] > back["seq"], "result of it", 30)
        lost_at = next(record["seq"] for record in reader.records if event(1101, 1)(record))
        others = [record for record in reader.records if lost_at < record["seq"] and result_of(2)(record)]
        check(not any(event(1101, 2)(record) for record in reader.records), "the other camera was lost too")
        check(others, "nothing came of the other camera")
    return f"lost noticed after {lost * 1000:.0f} ms, away {back['a']} ms, {len(others)} results of the other meanwhile"


def reload():
    """A wrong file is refused and nothing changes, a right one is taken over."""
    with open(SETTINGS) as file:
        good = file.read()
    # The words of a class are read after the start, and the checksum is also one of what judges.
    until(lambda: run("linewatch", "metrics").count("linewatch_model_info{") == 2, "models of both inspections", 60)
    until(lambda: checksum() == (time.sleep(5) or checksum()), "checksum that stays", 60)
    with Reader() as reader:
        old = reader.greeting["cfg"]
        with open(SETTINGS, "a") as file:
            file.write("deadlin_ms = 80\n")
        run("systemctl", "reload", "linewatch")
        reader.wait(event(1005), "config_rejected", 30)
        after, _ = reader.wait(result_of(2), "result", 30)
        with open(SETTINGS, "w") as file:
            file.write(good.replace("deadline_ms = 5000", "deadline_ms = 4000"))
        run("systemctl", "reload", "linewatch")
        changed, _ = reader.wait(event(1004), "config_changed", 30)
        reader.wait(lambda record: result_of(2)(record) and record["seq"] > changed["seq"], "result", 30)
    check(changed["a"] == old != changed["b"], f"{changed} where cfg was {old}")
    return f"cfg {changed['a']} kept through a wrong file, then {changed['b']}"


def crash(inflict, seconds, how):
    """The daemon ends without a word: it comes back with the next run, and no number is missing."""
    with Reader() as before:
        before.wait(result_of(1), "result", 60)
        run_before, log, last = before.greeting["run"], before.greeting["log"], before.last
        old, begin = daemon(), time.monotonic()
        inflict(old)
        until(lambda: daemon() not in (0, old), "new process", seconds)
        restarted = time.monotonic() - begin
    until(active, "READY", RESTARTING)
    ready = time.monotonic() - begin
    with Reader(after=last) as reader:
        greeting = reader.greeting
        check(greeting["run"] == run_before + 1, f"run {greeting['run']} after {run_before}")
        check(greeting["log"] == log, "another log")
        started, _ = reader.wait(event(1001), "run_started", 60)
        reader.wait(lambda record: result_of(1)(record) and record["seq"] > started["seq"], "result", 60)
        served = time.monotonic() - begin
        check(any(event(1003)(record) for record in reader.records), f"no unclean_stop: {reader.records[:5]}")
        gaps = [f"{record['from']}..{record['to']} why {record['why']}" for record in reader.records if record["t"] == "gap"]
    return (f"{how}: a new process after {restarted:.1f} s, ready after {ready:.1f} s, results after {served:.1f} s; "
            f"run {run_before} -> {greeting['run']}, gaps {gaps or 'none'}")


def kill():
    return crash(lambda process: os.kill(process, signal.SIGKILL), 20, "killed")


def watchdog():
    """A process that stands still is ended by systemd's watchdog."""
    line = crash(lambda process: os.kill(process, signal.SIGSTOP), 45, "stopped")
    check("Watchdog timeout" in run("journalctl", "--no-pager", "--unit", SERVICE), "no watchdog in the journal")
    return line


def hang():
    """One thread that stands still, while all others run on, is as good as none: the watchdog ends the daemon."""
    lines = []
    for name in THREADS:
        # An orderly stop, so that this is no crash loop.
        run("systemctl", "restart", SERVICE)
        holders = []

        def hold(process):
            holders.append(subprocess.Popen(["/share/hold", str(process), name], stdout=subprocess.PIPE))
            check(holders[0].stdout.readline() == b"1\n", f"no thread '{name}'")

        lines.append(crash(hold, 45, name))
        holders[0].wait(timeout=10)
    return "; ".join(lines)


def safe():
    """The fifth unclean stop in ten minutes ends in safe mode: sockets up, no inspection, until it is told to resume."""
    run("systemctl", "restart", SERVICE)
    kills = 0
    with Reader() as reader:
        last = reader.last
    while state() != 1:
        check(kills < 5, "no safe mode after 5 unclean stops")
        old = daemon()
        os.kill(old, signal.SIGKILL)
        kills += 1
        until(lambda: daemon() not in (0, old) and active(), "new process", RESTARTING)
        # Some states are left at once.
        time.sleep(2)
    check(kills == 5, f"safe mode after {kills} unclean stops")
    with Reader(after=last) as reader:
        reader.wait(event(1010), "safe_mode", 30)
        with linewatch.Connection("/run/linewatch/admin.sock", timeout=RESTARTING) as admin:
            admin.read()
            admin.request("hello", name="vm", proto=1, profile="full", anon=1)
            admin.request("resume")
        number = reader.last
        reader.wait(lambda record: result_of(1)(record) and record["seq"] > number, "result", 60)
    run("systemctl", "restart", SERVICE)
    return f"after {kills} kills; results again after 'resume'"


def security():
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)",
                      run("systemd-analyze", "--no-pager", "security", SERVICE)).group(1)
    check(float(level) <= 1.0, f"exposure {level}")
    clock = re.search(r"exposure level for \S+: ([0-9.]+)",
                      run("systemd-analyze", "--no-pager", "security", "linewatch-clock.service")).group(1)
    run("systemctl", "start", "linewatch-clock.service")
    return f"exposure {level}; of linewatch-clock {clock}"


def stop():
    with Reader() as reader:
        reader.wait(result_of(1), "result", 60)
        run_before, last = reader.greeting["run"], reader.last
        begin = time.monotonic()
        run("systemctl", "stop", SERVICE)
        seconds = time.monotonic() - begin
    check(prop("Result") == "success", f"ended with {prop('Result')}")
    check(seconds <= 5, f"stopped in {seconds:.1f} s")
    run("systemctl", "start", SERVICE)
    with Reader(after=last) as reader:
        started, _ = reader.wait(event(1001), "run_started", 60)
        reader.wait(lambda record: result_of(1)(record) and record["seq"] > started["seq"], "result", 60)
        check(reader.greeting["run"] == run_before + 1, f"run {reader.greeting['run']} after {run_before}")
        check(not any(event(1003)(record) for record in reader.records), "the stop was unclean")
        check(not any(record["t"] == "gap" for record in reader.records), "a gap after a clean stop")
    return f"{seconds:.1f} s, no number lost"


def upgrade():
    """The same package over itself: settings and results stay, the daemon is a new one."""
    with open(SETTINGS) as file:
        settings = file.read()
    with Reader() as reader:
        log, last = reader.greeting["log"], reader.last
    old = daemon()
    run("dpkg", "--install", PACKAGE)
    check(active() and daemon() != old, "the old process runs on")
    with open(SETTINGS) as file:
        check(file.read() == settings, "the settings were replaced")
    with Reader(after=last) as reader:
        check(reader.greeting["log"] == log, "another log")
        reader.wait(event(1001), "run_started", 60)
        check(not any(event(1003)(record) for record in reader.records), "the stop was unclean")
    return f"log {log} goes on at {last + 1}"


def leftovers():
    found = run("find", "/", "-xdev", "(", "-path", "/proc", "-o", "-path", "/share", "-o", "-path", "/sys", ")", "-prune",
                "-o", "-iname", "*linewatch*", "-print").split()
    return found + [path for path in ("/run/linewatch", "/dev/linewatch") if os.path.exists(path)]


def keep():
    """A purge with keep-state leaves the state, and a new installation goes on with it."""
    with open("/etc/linewatch/keep-state", "w"):
        pass
    state = os.listdir("/var/lib/linewatch")
    run("dpkg", "--purge", "linewatch")
    check(leftovers() == ["/var/lib/linewatch"], f"left: {leftovers()}")
    check(os.listdir("/var/lib/linewatch") == state, "the state is not as it was")
    install()
    until(active, "READY", RESTARTING)
    return f"{len(state)} entries of /var/lib/linewatch kept"


def purge():
    begin = time.monotonic()
    run("dpkg", "--purge", "linewatch")
    seconds = time.monotonic() - begin
    check(not leftovers(), f"left: {leftovers()}")
    states = [run("systemctl", "show", "--value", "--property", "LoadState", unit).strip() for unit in UNITS]
    check(set(states) == {"not-found"}, f"{states}")
    processes = [path for path in glob.glob("/proc/[0-9]*/comm") if open(path).read().startswith("linewatch")]
    check(not processes, f"{processes}")
    return f"nothing left after {seconds:.0f} s"


SECTIONS = [install, demo, cameras, poll, disconnect, reload, kill, watchdog, hang, safe, security, stop, upgrade, keep, purge]
# What must have run before: the package alone, or the two cameras as well.
ALONE = {install, demo, security, keep, purge}


def main():
    names = sys.argv[1:] or [section.__name__ for section in SECTIONS]
    unknown = set(names) - {section.__name__ for section in SECTIONS}
    if unknown:
        sys.exit(f"There is no section {', '.join(sorted(unknown))}. There are: {' '.join(s.__name__ for s in SECTIONS)}")
    chosen = {section for section in SECTIONS if section.__name__ in names} | {install}
    if chosen - ALONE:
        chosen.add(cameras)
    failures = 0
    for section in [section for section in SECTIONS if section in chosen]:
        begin = time.monotonic()
        try:
            line = f"ok {section.__name__}: {section()}"
        except (Failed, linewatch.Lost, linewatch.Refused, OSError, subprocess.TimeoutExpired) as error:
            failures += 1
            line = f"FAIL {section.__name__}: {error}"
        print(f"{line} ({time.monotonic() - begin:.1f} s)", flush=True)
        if line.startswith("FAIL"):
            journal = subprocess.run(["journalctl", "--no-pager", "--lines", "15", "--output", "short-monotonic", "--unit",
                                      SERVICE], stdout=subprocess.PIPE)
            print(journal.stdout.decode(errors="replace"), flush=True)
            if section is install:
                break
    sys.exit(1 if failures else 0)


main()
