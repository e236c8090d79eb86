#!/usr/bin/env python3
"""Fills a manual page from the program it describes, so that neither can say what the other does not.

    generate.py commands PROGRAM < linewatch.1.in > linewatch.1
    generate.py settings PROGRAM < linewatch.toml.5.in > linewatch.toml.5

The line @DATE@ stands for the day of SOURCE_DATE_EPOCH (of today without it), and @GENERATED@ for the commands and
options that PROGRAM --experimental-dump-help tells, or the tables and keys that 'PROGRAM config show --default'
prints. Ends with an error if a page has no @GENERATED@.
"""
import json
import os
import re
import subprocess
import sys
import time


def text(words):
    """`words` as one line of running text: no line of it is a request, no character an escape."""
    escaped = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return ("\\&" if escaped[:1] in ".'" else "") + escaped


def macro(word):
    """`word` as an argument of a macro: quoted, and never a macro's name itself."""
    return '"\\&' + word.replace("\\", "\\e").replace("-", "\\-").replace('"', '""') + '"'


def sentences(words):
    """Running text with each sentence on a line of its own, as mdoc wants it."""
    return [text(line) for line in re.split(r"(?<=[.:;]) (?=[A-Z])", " ".join(words.split())) if line]


def shown(arguments):
    return [argument for argument in arguments or [] if argument.get("shouldDisplay")]


def spelling(name):
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def synopsis(name, arguments):
    """The lines `.Nm linewatch camera snap` and after it one per argument."""
    lines = [f".Nm {name}"]
    for argument in shown(arguments):
        value = f" Ar {macro(argument['valueName'])}"
        dots = " ..." if argument.get("isRepeating") else ""
        if argument["kind"] == "positional":
            word = f"Ar {macro(argument['valueName'])}{dots}"
        else:
            name = macro(spelling(argument["preferredName"]))
            word = f"Cm {name}" + (value + dots if argument["kind"] == "option" else "")
        lines.append(f".Op {word}" if argument.get("isOptional") else f".{word}")
    return lines


def options(arguments):
    """A list of the arguments with what they do."""
    lines = []
    for argument in shown(arguments):
        if argument.get("valueName") == "help":
            continue
        if argument["kind"] == "positional":
            lines.append(f".It Ar {macro(argument['valueName'])}")
        else:
            names = " , ".join(f"Cm {macro(spelling(name))}" for name in argument["names"])
            value = f" Ar {macro(argument['valueName'])}" if argument["kind"] == "option" else ""
            lines.append(f".It {names}{value}")
        lines += sentences(argument.get("abstract", ""))
        if "defaultValue" in argument and "(default" not in argument.get("abstract", ""):
            lines.append(f"The default is {text(argument['defaultValue'])}.")
    return [".Bl -tag -width Ds", *lines, ".El"] if lines else []


def command(entry, path):
    """The sections of one command and of all below it."""
    path = path + [entry["commandName"]]
    parts = [part for part in entry.get("subcommands", []) if part["commandName"] != "help"]
    lines = []
    if not parts or len(path) == 1:
        if len(path) > 1:
            lines += [f".Ss {' '.join(path[1:])}", *synopsis(" ".join(path), entry.get("arguments")), ".Pp"]
        lines += sentences(entry.get("abstract", "")) if len(path) > 1 else []
        for paragraph in (entry.get("discussion") or "").split("\n\n") if len(path) > 1 or not parts else []:
            lines += [".Pp", *sentences(paragraph)] if paragraph.strip() else []
        lines += options(entry.get("arguments"))
    for part in parts:
        lines += command(part, path)
    return lines


def commands(program):
    output = subprocess.run([program, "--experimental-dump-help"], check=True, stdout=subprocess.PIPE).stdout
    return command(json.loads(output)["command"], [])


def settings(program):
    """A section per table of the complete settings file, its keys with default and meaning."""
    output = subprocess.run([program, "config", "show", "--default"], check=True, stdout=subprocess.PIPE).stdout
    lines, meaning, is_open = [], "", False
    # A `#` inside a text would not be a comment; the printed defaults have none.
    pattern = re.compile(r"^(?P<code>[^#]*?)\s*(?:#\s?(?P<comment>.*))?$")
    for line in output.decode().splitlines()[2:]:
        match = pattern.match(line)
        code, comment = match["code"], (match["comment"] or "").strip()
        if not code:
            meaning = f"{meaning} {comment}".strip()
            continue
        meaning = f"{meaning} {comment}".strip()
        if code.startswith("["):
            lines += [".El"] if is_open else []
            lines += [f".Ss {text(code)}", *(sentences(meaning[0].upper() + meaning[1:] + ".") if meaning else []),
                      ".Bl -tag -width Ds"]
            is_open = True
        else:
            key, value = code.split(" = ", 1)
            lines += [f".It Cm {macro(key)} Li {macro('= ' + value)}", *(sentences(meaning) if meaning else [])]
        meaning = ""
    return lines + [".El"]


def main():
    kind, program = sys.argv[1:]
    generated = {"commands": commands, "settings": settings}[kind](program)
    page = sys.stdin.read()
    if page.count("@GENERATED@\n") != 1:
        sys.exit("the page has no line @GENERATED@")
    day = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    page = page.replace("@DATE@", time.strftime(f"%B {day.tm_mday}, %Y", day))
    sys.stdout.write(page.replace("@GENERATED@\n", "\n".join(generated) + "\n"))


main()
