#!/usr/bin/env python3
"""Links a product of the release build once more, with the Swift runtime inside.

    link-static.py PRODUCT OUTPUT

Run in the root of the sources after 'swift build -c release --product PRODUCT'. The objects are those of that build,
so what ships is what was tested, and nothing is compiled again: 'swift build --static-swift-stdlib' would want a
second build of everything. The command is the build's own, from its plan, .build/release.yaml; for the dynamic
libraries of the toolchain that the objects name, it gets the archives of the same names and what those need.
"""
import json
import os
import re
import subprocess
import sys

ARCHIVES = ["Foundation", "FoundationInternationalization", "FoundationEssentials", "_FoundationCollections",
            "CoreFoundation", "_FoundationICU", "_FoundationCShims", "dispatch", "BlocksRuntime", "stdc++"]


def link_command(product):
    """The arguments with which the build links `product`."""
    with open(".build/release.yaml") as plan:
        for line in plan:
            if line.startswith("    args: [") and '"-emit-executable"' in line:
                arguments = json.loads(line.split(":", 1)[1])
                if os.path.basename(arguments[arguments.index("-o") + 1]) == product:
                    return arguments
    sys.exit(f"The release build has no product '{product}'. Run: swift build -c release --product {product}")


def main():
    product, output = sys.argv[1:]
    arguments = link_command(product)
    arguments[arguments.index("-o") + 1] = output
    # No folder of the build may stay in a program that is installed.
    path = next((index for index, word in enumerate(arguments) if word.startswith("-rpath=")), None)
    if path is not None:
        del arguments[path - 1:path + 1]
    arguments += ["-static-stdlib", "-Xlinker", "--as-needed", "-lsqlite3"]
    arguments += [f"-l{name}" for name in ARCHIVES]
    result = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        missing = sorted(set(re.findall(r"undefined (?:reference to|symbol:) '?([^'\n]+)", result.stdout)))
        sys.exit(f"{product} does not link with the static runtime: {len(missing)} symbols missing "
                 f"({', '.join(missing[:3])}). If a library is new, name it in {sys.argv[0]}.\n{result.stdout[-2000:]}")


main()
