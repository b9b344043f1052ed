#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads what the emulator saw of an LED (docs/emulator.md, --led): for how long which level or colour was shown.

    led.py FILE SOURCE                      lists it: start in ms, duration in ms, value
    led.py FILE SOURCE has VALUE:MS...      ends with 0 if these follow each other somewhere, each for so long (+- 40 ms)
    led.py FILE SOURCE values               lists the different values
SOURCE is gpio:PIN (values 0 and 1) or pio (the words of whatever state machine there is).
"""
import sys

SLACK_MS = 40


def events(path, source):
    kind, _, pin = source.partition(":")
    with open(path, encoding="ascii") as f:
        for line in f:
            words = line.split()
            if kind == "gpio" and words[1:3] == ["gpio", pin]:
                yield int(words[0]), words[3]
            elif kind == "pio" and words[1].startswith("pio"):
                yield int(words[0]), words[2]


def runs(path, source):
    """[(start_ms, duration_ms, value)]: refreshed values are one; of the last nobody knows how long it lasted."""
    found, start, shown = [], None, None
    for at_us, value in events(path, source):
        if value != shown:
            if shown is not None:
                found.append((start // 1000, (at_us - start) // 1000, shown))
            start, shown = at_us, value
    return found


def has(found, wanted):
    pattern = [(value, int(ms)) for value, ms in (w.split(":") for w in wanted)]
    return any(all(value == run[2] and abs(run[1] - ms) <= SLACK_MS for (value, ms), run in zip(pattern, found[at:]))
               for at in range(len(found) - len(pattern) + 1))


def main(path, source, what="", *wanted):
    found = runs(path, source)
    if what == "has":
        sys.exit(0 if has(found, wanted) else f"not seen: {' '.join(wanted)}; the last were {found[-40:]}")
    if what == "values":
        print("\n".join(sorted({value for _, value in events(path, source)})))
    else:
        print("\n".join(f"{start} {ms} {value}" for start, ms, value in found))


if __name__ == "__main__":
    main(*sys.argv[1:])
