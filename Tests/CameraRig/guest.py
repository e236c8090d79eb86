#!/usr/bin/env python3
"""Runs inside the camera VM: drives `linewatch camera` against the kernel's vivid driver.

    guest.py SECTION...

Prints a line "ok NAME: FIGURES" or "FAIL NAME: WHY" per check; ends with 1 if one failed. Repetitions come from
the environment's CYCLES. Needs no more of Python than Debian's python3-minimal.
"""
import ast
import os
import select
import subprocess
import sys
import time

CYCLES = int(os.environ.get("CYCLES", "20"))
BUSES = ["platform:vivid-000", "platform:vivid-001"]
# V4L2's names, and v4l2-ctl's where it spells them otherwise.
NATIVE = "GREY Y10 Y12 Y16 Y16-BE YUYV UYVY NV12 NV16 RGB3 BGR3 BA81 GBRG GRBG RGGB BG10 GB10 BA10 RG10".split()
# A test pattern that stands still and has no text in it.
STILL = "osd_text_mode=2,horizontal_movement=3,vertical_movement=3"
failures = 0


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def ctl(*arguments, node="/dev/video0"):
    result = subprocess.run(["v4l2-ctl", "-d", node, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(result.returncode == 0, f"v4l2-ctl {arguments}: {result.stdout.decode()[-200:]}")
    return result.stdout.decode()


def linewatch(*arguments, **options):
    result = subprocess.run(["./linewatch", "camera", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


class Watch:
    """`linewatch camera watch`, and the lines it has printed."""

    def __init__(self, camera, *arguments):
        self.process = subprocess.Popen(
            ["./linewatch", "camera", "watch", camera, "--json", "--every", "0", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines, self.rest, self.ended = [], b"", False

    def read(self, seconds):
        if select.select([self.process.stdout], [], [], seconds)[0]:
            part = os.read(self.process.stdout.fileno(), 65536)
            self.ended = not part
            *lines, self.rest = (self.rest + part).split(b"\n")
            # Flat objects of numbers and texts read the same in both languages.
            self.lines += [ast.literal_eval(line.decode()) for line in lines]

    def wait(self, condition, what, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            check(left > 0 and not self.ended, f"no {what} within {seconds} s; last: {self.lines[-3:]}")
            self.read(left)

    def entered(self, state):
        return [line for line in self.lines if line.get("to") == state]

    def settle(self):
        """Waits for the first frame of the first opening."""
        self.wait(lambda: self.entered("streaming"), "start")

    @property
    def returns(self):
        return [line for line in self.lines if "away_ms" in line]

    def finish(self):
        """Lets it run to its --seconds; the counts at the end."""
        while not self.ended:
            self.read(60)
        self.process.wait()
        check(self.lines and self.lines[-1]["event"] == "end", f"ended with {self.process.returncode}")
        return self.lines[-1]

    def stop(self):
        self.process.kill()
        self.process.wait()

    def resources(self):
        """Descriptors, threads and resident kilobytes."""
        folder = f"/proc/{self.process.pid}"
        status = dict(line.split(":", 1) for line in open(folder + "/status").read().splitlines())
        return len(os.listdir(folder + "/fd")), int(status["Threads"]), int(status["VmRSS"].split()[0])

    def processor_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def vivid(*options):
    subprocess.run(["rmmod", "vivid"], stderr=subprocess.DEVNULL)
    subprocess.run(["modprobe", "vivid", *options], check=True)
    subprocess.run(["udevadm", "settle"], check=True)


def two_webcams():
    vivid("n_devs=2", "node_types=0x1,0x1", "num_inputs=1,1", "input_types=0x0,0x0")


def compare_formats(node, sizes, formats, *options):
    """Each format at each size, captured by both programs: the same bytes."""
    ctl("-c", STILL, node=node)
    offered = ctl("--list-formats", node=node)
    compared = 0
    for name in formats:
        fourcc = (name[:3] + " -BE") if name.endswith("-BE") else name.ljust(4)
        if f"'{fourcc}'" not in offered:
            continue
        for width, height in sizes:
            ctl(f"--set-fmt-video=width={width},height={height},pixelformat={fourcc}", *options,
                "--stream-mmap", "--stream-count=1", "--stream-to=/tmp/theirs", node=node)
            code, _, message = linewatch("snap", node, "--format", name, "--size", f"{width}x{height}", "--raw", "/tmp/ours")
            check(code == 0, message)
            ours, theirs = open("/tmp/ours", "rb").read(), open("/tmp/theirs", "rb").read()
            check(ours == theirs and len(set(ours)) > 1, f"{name} {width}x{height} differs: {len(ours)}, {len(theirs)} bytes")
            compared += 1
    return compared


def formats():
    two_webcams()
    compared = compare_formats("/dev/video0", [(320, 180), (640, 480)], NATIVE, "--set-parm=25")
    check(compared == 2 * len(NATIVE), f"vivid offered {compared} of {2 * len(NATIVE)}")
    return f"{compared} pairs of dumps equal"


def multiplanar():
    vivid("n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0x0", "multiplanar=2")
    check("Multiplanar" in ctl("-D"), "not multi-planar")
    # v4l2-ctl cannot set the rate of a multi-planar device.
    names = ["GREY", "Y16", "YUYV", "NV12", "RGB3", "RGGB"]
    compared = compare_formats("/dev/video0", [(320, 180), (640, 480)], names)
    check(compared == 2 * len(names), f"{compared} compared")
    watch = Watch(BUSES[0], "--fps", "25")
    watch.settle()
    cycles(watch, 2, lambda: ctl("-c", "disconnect=1"))
    watch.stop()
    return f"{compared} pairs of dumps equal, 2 disconnects"


def two():
    two_webcams()
    first = Watch(BUSES[0], "--format", "GREY", "--size", "640x480", "--fps", "25")
    second = Watch(BUSES[1], "--format", "YUYV", "--size", "320x180", "--fps", "25", "--seconds", "8")
    first.settle()
    second.settle()
    cycles(first, 3, lambda: ctl("-c", "disconnect=1"))
    counts = second.finish()
    first.stop()
    check(len(second.lines) == 3, f"the second camera noticed: {second.lines}")
    check(counts["frames"] > 100, f"{counts}")
    return f"3 losses of one, {counts['frames']} frames and no loss of the other"


def cycles(watch, count, inject):
    """`count` outages, one after the other: the longest time away, those told of, what it holds before and after."""
    longest, growth = 0, Growth(watch, count)
    for number in range(count):
        back = len(watch.returns)
        inject()
        watch.wait(lambda: len(watch.returns) > back, "return")
        longest = max(longest, watch.returns[-1]["away_ms"])
        check(longest < 2000, f"away for {longest} ms")
        growth.note(number)
    lost = len(watch.entered("lost"))
    check(lost == len(watch.returns), f"{lost} lost, {len(watch.returns)} back")
    return longest, lost, growth.checked()


class Growth:
    """What a program holds in the course of `count` cycles, from the fourth on: it has seen everything then."""

    def __init__(self, watch, count):
        self.watch, self.count, self.samples = watch, count, []

    def note(self, number):
        first, step = min(3, self.count - 1), max(1, self.count // 8)
        if number == self.count - 1 or (number >= first and (number - first) % step == 0):
            self.samples.append(self.watch.resources())

    def checked(self):
        start, end = self.samples[0], self.samples[-1]
        check(end[:2] == start[:2], f"descriptors, threads: {start} before, {end} after")
        check(end[2] <= start[2] + 512, f"resident kB: {self.samples}")
        return (f"descriptors {start[0]} -> {end[0]}, threads {start[1]} -> {end[1]}, "
                f"resident kB {' '.join(str(sample[2]) for sample in self.samples)}")


def repeated(inject, count=None):
    two_webcams()
    watch = Watch(BUSES[0], "--format", "GREY", "--size", "640x480", "--fps", "25")
    watch.settle()
    count = count or CYCLES
    longest, lost, growth = cycles(watch, count, inject)
    check(lost == count, f"{lost} lost events for {count} outages")
    watch.stop()
    return f"{count} outages, {lost} lost, {lost} back, longest {longest} ms; {growth}"


def disconnect():
    return repeated(lambda: ctl("-c", "disconnect=1"))


def fatal():
    return repeated(lambda: ctl("-c", "inject_fatal_streaming_error=1"))


def qbuf():
    return repeated(lambda: ctl("-c", "inject_vidioc_qbuf_error=1"))


def reqbufs():
    return repeated(lambda: ctl("-c", "inject_vidioc_reqbufs_error=1,inject_fatal_streaming_error=1"))


def streamon():
    return repeated(lambda: ctl("-c", "inject_vidioc_streamon_error=1,inject_fatal_streaming_error=1"))


def damaged():
    two_webcams()
    watch = Watch(BUSES[0], "--format", "GREY", "--size", "320x180", "--fps", "25", "--seconds", str(4 + CYCLES // 2))
    watch.settle()
    growth = Growth(watch, CYCLES)
    for number in range(CYCLES):
        ctl("-c", "inject_v4l2_buf_flag_error=1")
        time.sleep(0.1)
        growth.note(number)
    counts = watch.finish()
    check(counts["damaged"] == CYCLES, f"{counts['damaged']} damaged of {CYCLES}")
    check(not watch.entered("lost"), "lost")
    return f"{CYCLES} frames marked, no loss; {growth.checked()}"


def drops():
    two_webcams()
    ctl("-c", "percentage_of_dropped_buffers=50")
    watch = Watch(BUSES[0], "--format", "GREY", "--size", "320x180", "--fps", "60", "--seconds", "6")
    counts = watch.finish()
    ctl("-c", "percentage_of_dropped_buffers=0")
    numbered = counts["last_sequence"] - counts["first_sequence"] + 1
    check(counts["frames"] + counts["lost"] == numbered, f"{counts}")
    check(not watch.entered("lost"), f"lost: {watch.lines}")
    check(numbered / 3 < counts["lost"] < numbered * 2 / 3, f"{counts}")
    return f"{counts['frames']} frames and {counts['lost']} lost of {numbered} numbers"


def unbind():
    two_webcams()
    driver = "/sys/bus/platform/drivers/vivid/"
    watch = Watch(BUSES[0], "--format", "GREY", "--size", "320x180", "--fps", "25")
    watch.settle()
    longest, away, growth = 0, None, Growth(watch, CYCLES)
    for number in range(CYCLES):
        back = len(watch.returns)
        open(driver + "unbind", "w").write("vivid.0")
        watch.wait(lambda: len(watch.entered("lost")) > back, "loss")
        if number == 0:
            away = idle(watch, 6)
        time.sleep(0.3)
        begin = time.monotonic()
        open(driver + "bind", "w").write("vivid.0")
        watch.wait(lambda: len(watch.returns) > back, "return")
        longest = max(longest, time.monotonic() - begin)
        check(longest < 2, f"back {longest:.2f} s after bind")
        growth.note(number)
    check(len(watch.entered("lost")) == len(watch.returns) == CYCLES, "not one loss and one return per cycle")
    watch.stop()
    return f"{CYCLES} times, back within {longest * 1000:.0f} ms of bind; away: {away}; {growth.checked()}"


def idle(watch, seconds):
    """What a camera that is away costs: voluntary context switches are wake-ups."""
    def switches():
        lines = open(f"/proc/{watch.process.pid}/status").read().splitlines()
        return int([line for line in lines if line.startswith("voluntary_ctxt")][0].split()[1])
    time.sleep(1)
    before, used = switches(), watch.processor_seconds()
    time.sleep(seconds)
    woken, used = switches() - before, watch.processor_seconds() - used
    # Steps of 0.8, 1.6 and 3.2 s begin in this time.
    check(woken <= 8, f"{woken} wake-ups in {seconds} s")
    check(used < 0.02 * seconds + 0.05, f"{used:.2f} s of the processor in {seconds} s")
    return f"{woken} wake-ups and {used:.2f} s of processor in {seconds} s"


def crop():
    """A part of the sensor is that part of the whole picture."""
    vivid("n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0x3", "ccs_cap_mode=1")
    ctl("--set-dv-bt-timings", "index=0")
    ctl("-c", STILL)
    names = {"whole": ["--size", "640x480"], "part": ["--size", "200x100", "--crop", "64,48,200,100"]}
    for name, options in names.items():
        code, _, message = linewatch("snap", BUSES[0], "--format", "GREY", *options, "--raw", "/tmp/" + name)
        check(code == 0, message)
    whole, part = (open("/tmp/" + name, "rb").read() for name in names)
    check(len(whole) == 640 * 480 and len(part) == 200 * 100, f"{len(whole)}, {len(part)} bytes")
    rows = [whole[640 * row + 64:640 * row + 264] for row in range(48, 148)]
    check(part == b"".join(rows) and len(set(part)) > 1, "the part is not that of the whole picture")
    code, _, message = linewatch("snap", BUSES[0], "--size", "200x100", "--crop", "600,48,200,100", "--raw", "/tmp/part")
    check(code == 1 and "inside its sensor" in message and message.count("\n") == 1, message)
    return "200x100 of 640x480 equal, and one that leaves the sensor refused"


def trigger():
    """vivid's Button does nothing, but tells whoever listens that it was pressed."""
    two_webcams()
    code, _, message = linewatch("snap", BUSES[0], "--trigger", "software", "--raw", "/tmp/none")
    check(code == 1 and "has no button trigger_software" in message, message)
    heard = subprocess.Popen(["v4l2-ctl", "-d", "/dev/video0", "--wait-for-event=ctrl=button"], stdout=subprocess.PIPE)
    time.sleep(1)
    code, text, message = linewatch(
        "snap", BUSES[0], "--trigger", "software", "--trigger-control", "button", "--raw", "/tmp/one", "--json")
    check(code == 0 and '"raw" : "/tmp/one"' in text, message)
    check(select.select([heard.stdout], [], [], 5)[0], "nobody pressed the button")
    event = heard.communicate()[0].decode()
    check("button" in event, event)
    return "the button was pressed, and a camera without one says so"


def configured():
    """Cameras of a settings file, by id and name, without a daemon."""
    two_webcams()
    open("/tmp/linewatch.toml", "w").write(
        '[station]\nid = "ST10"\n[[camera]]\nid = 1\nname = "top"\nwidth = 320\nheight = 180\nfps = 25\n'
        f'match = {{ bus = "{BUSES[0]}" }}\ncontrols = {{ brightness = 100 }}\n')
    environment = {**os.environ, "LINEWATCH_CONFIG": "/tmp/linewatch.toml"}
    for name in ["1", "top"]:
        code, text, message = linewatch("probe", name, "--seconds", "1", "--json", env=environment)
        check(code == 0 and '"width" : 320' in text and f'"bus" : "{BUSES[0]}"' in text, text[:900] + message)
    check("brightness: 100" in ctl("-C", "brightness"), "the control was not set")
    code, text, message = linewatch("list", env=environment)
    check(code == 0 and "  camera 1 'top'" in text, text + message)
    code, _, message = linewatch("probe", "2", env=environment)
    check(code == 1 and "camera 1 'top'" in message and BUSES[1] in message, message)
    return "by id and name, with size and controls of the settings"


def messages():
    two_webcams()
    expected = [
        (["/dev/null"], "is not a camera"), (["/dev/video9"], "no camera is '/dev/video9'. There are: /dev/video0"), (["/tmp"], "'/tmp'"),
        (["no-such"], "There are: /dev/video0"), ([BUSES[0], "--format", "H264"], "Choose one of: YUYV"),
        ([BUSES[0], "--control", "brightness=1000"], "not in 0...255"),
        (["platform-vivid.0-video-index0"], "Name its bus too"),
    ]
    for arguments, text in expected:
        code, _, message = linewatch("snap", *arguments, "--raw", "/tmp/none")
        check(code == 1 and text in message and message.count("\n") == 1, f"{arguments}: {code} {message}")
    code, _, message = linewatch("snap", "/dev/video0", "--raw", "/tmp/none", user=65534, group=65534, extra_groups=[])
    check(code == 1 and "group 'video'" in message, message)
    watch = Watch(BUSES[0])
    watch.settle()
    code, _, message = linewatch("snap", BUSES[0], "--raw", "/tmp/none")
    check(code == 1 and f"in use by linewatch (pid {watch.process.pid})" in message, message)
    before = ctl("-C", "contrast")
    code, _, message = linewatch("snap", BUSES[0], "--control", "contrast=77", "--raw", "/tmp/none")
    check(code == 1 and "in use by" in message and ctl("-C", "contrast") == before, "another's camera was changed")
    watch.stop()
    code, text, _ = linewatch("list", "--json")
    check(code == 0 and all(bus in text for bus in BUSES), text)
    code, text, message = linewatch("probe", BUSES[1], "--size", "320x180", "--fps", "50", "--seconds", "1", "--json")
    check(code == 0 and '"schema" : "linewatch.camera.probe/1"' in text and '"granted_fps" : 50' in text, text[:900] + message)
    code, _, message = linewatch("snap", BUSES[1], "--format", "YVYU", "-o", "/tmp/converted.png")
    check(code == 0 and open("/tmp/converted.png", "rb").read(4) == b"\x89PNG", message)
    return f"{len(expected) + 2} mistakes, each one line"


for name in sys.argv[1:]:
    begin = time.monotonic()
    try:
        print(f"ok {name}: {globals()[name]()} ({time.monotonic() - begin:.1f} s)", flush=True)
    except Failed as error:
        failures += 1
        print(f"FAIL {name}: {error}", flush=True)
sys.exit(1 if failures else 0)
