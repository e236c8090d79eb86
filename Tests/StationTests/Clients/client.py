"""Triggers parts one after the other and checks what the log says of each.

    client.py FOLDER_OF_LINEWATCH_PY SOCKET STATE FIRST_PART COUNT
"""

import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import linewatch  # noqa: E402

first, count = int(sys.argv[4]), int(sys.argv[5])
jobs, results = {}, {}
with linewatch.Client(sys.argv[2], name="python", state=sys.argv[3], heartbeat=200) as client:
    seqs = []
    for record in client.records():
        if record["t"] == "lost":
            sys.exit(f"lost: {record['why']}")
        if record["t"] in ("r", "e", "gap"):
            seqs.append(record["seq"])
        if record["t"] == "r" and record["pn"] in jobs:
            assert record["pn"] not in results, "a second result"
            assert record["job"] == jobs[record["pn"]]
            results[record["pn"]] = record["v"]
        if len(jobs) == len(results):
            if len(jobs) == count:
                break
            part = first + len(jobs)
            jobs[part] = client.trigger(1, part)
assert seqs == sorted(set(seqs)), seqs
assert all(verdict == part % 4 + 1 for part, verdict in results.items()), results
print(f"{len(results)} parts as scripted")
