#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a working virtual HSM with SIGKILL, hundreds of times, and asks its successor what is left.

Scripts of 200 random commands run against the real program over its vpcd cable. Again and again, at a random instant of a
random command, the process is killed. The next process must open the image, and everything that a host can read must
be as before the interrupted command, or as after it; if its answer had come, as after it. Tries and uses may have
been charged, never given away. A failure prints the seed, the script and the command."""
import argparse
import os
import random
import sys
import tempfile
import time

import model
from vpcd_card import Died, VpcdCard, apdu, tlv

COMMANDS = 200
FIDS = (model.PUBLIC + model.PRIVATE + [0xC400 | k for k in model.KEYS] + [0xCE00 | k for k in model.KEYS])


class Wrong(Exception):
    """The card and the model disagree."""


def demand(holds, text):
    if not holds:
        raise Wrong(text)


# ---- what a card shows ----

class Sight:
    """Everything a host can ask of a card that has just started; ends logged in unless the PIN is blocked."""

    def __init__(self, card, user_pins, so_pins):
        demand(card.command(model.SELECT)[1] == 0x9000, "SELECT")
        self.user_tries, self.so_tries = self.tries(card, 0x81), self.tries(card, 0x88)
        self.generation = int.from_bytes(self.read(card, 0x2F1F, 0), "big")
        listed = card.command(apdu(0x80, 0x58, 0, 0, ne=65536))[0]
        self.listed = sorted(int.from_bytes(listed[i:i + 2], "big") for i in range(0, len(listed), 2))
        self.uses = {k: self.uses_of(card, k) for k in model.KEYS}
        self.so_pin = self.log_in(card, 0x88, so_pins) if self.so_tries else None
        self.user_pin = self.log_in(card, 0x81, user_pins) if self.user_tries else None
        self.files = {}
        for fid in FIDS if self.user_pin else [f for f in FIDS if f not in model.PRIVATE]:
            content = self.read_all(card, fid)
            if content is not None:
                self.files[fid] = content
        self.keys = {k: self.x_of(card, k) for k in model.KEYS if 0xCC00 | k in self.listed and self.user_pin}

    @staticmethod
    def tries(card, ref):
        _, sw = card.command(apdu(0, 0x20, 0, ref))
        demand(sw == 0x6983 or sw & 0xFFF0 == 0x63C0, "PIN status %04X" % sw)
        return 0 if sw == 0x6983 else sw & 0xF

    @staticmethod
    def read(card, fid, at):
        data, sw = card.command(apdu(0, 0xB1, fid >> 8, fid & 0xFF, tlv(0x54, at.to_bytes(2, "big")), 4096))
        demand(sw in (0x9000, 0x6A82), "READ %04X: %04X" % (fid, sw))
        return data if sw == 0x9000 else None

    def read_all(self, card, fid):
        content = self.read(card, fid, 0)
        while content and len(content) % 4096 == 0:
            more = self.read(card, fid, len(content))
            if not more:
                break
            content += more
        return content

    @staticmethod
    def uses_of(card, key):
        fcp, sw = card.command(apdu(0, 0xA4, 0, 0, bytes([0xCC, key]), 256))
        at = fcp.find(b"\x90\x04", fcp.find(b"\xA5\x81"))
        return int.from_bytes(fcp[at + 2:at + 6], "big") if sw == 0x9000 and b"\xA5\x81" in fcp and at >= 0 else None

    @staticmethod
    def log_in(card, ref, pins):
        """The one of `pins` that is right; None when the guesses have used up the tries."""
        for pin in pins:
            _, sw = card.command(apdu(0, 0x20, 0, ref, pin))
            if sw == 0x9000:
                return pin
            if sw == 0x6983:
                return None
        raise Wrong("no PIN of %02X opens the card" % ref)

    def x_of(self, card, key):
        """d times G: proves that the secret is there and belongs to the public key. None: no uses left."""
        data, sw = card.command(apdu(0x80, 0x62, key, 0x80, model.G, 256))
        if sw == 0x6A84 and self.uses[key] == 0:
            return None
        demand(sw == 0x9000 and len(data) == 33, "key %d cannot be used: %04X" % (key, sw))
        certificate = self.files.get(0xCE00 | key)
        if certificate is not None and b"\x86\x41\x04" in certificate:
            demand(b"\x86\x41\x04" + data[1:] in certificate, "key %d and its certificate do not belong together" % key)
        return data[1:]


# ---- is it one of the two? ----

class Judge:
    def __init__(self):
        self.descriptions = {}  # what GENERATE writes into C4kk, learnt once

    def object_differences(self, seen, m):
        """What of the objects is not as in the model; an empty list when all is."""
        wrong = []
        if seen.generation != m.generation:
            wrong.append("generation %d, not %d" % (seen.generation, m.generation))
        listed = sorted([0xCC00] + [0xCC00 | k for k in m.keys] + [f for f in m.files if f >> 8 in (0xC4, 0xC9)])
        if seen.listed != listed:
            wrong.append("list %s, not %s" % ([hex(f) for f in seen.listed], [hex(f) for f in listed]))
        if seen.user_pin and seen.user_pin != m.user_pin:
            wrong.append("another PIN")
        if seen.so_pin and seen.so_pin != m.so_pin:
            wrong.append("another SO-PIN")
        for fid in FIDS:
            if not seen.user_pin and fid in model.PRIVATE:
                continue
            want, got = m.files.get(fid), seen.files.get(fid)
            if want == model.NEW and got is not None and fid >> 8 == 0xC4:
                want = self.descriptions.setdefault(fid, got)
            if want != got and not (want == model.NEW and got):
                wrong.append("file %04X" % fid)
        for key, x in seen.keys.items():
            if m.keys.get(key) not in (x, model.NEW) and x is not None:
                wrong.append("key %d is another" % key)
        for key in model.KEYS:
            if (seen.uses[key] is None) != (key not in m.uses):
                wrong.append("key %d counted or not" % key)
        return wrong

    def settle(self, seen, before, command, answered):
        """The model that the card is in, after the process that ran `command` was killed."""
        after = command.after
        old = None if answered else self.object_differences(seen, before)
        new = self.object_differences(seen, after)
        new += ["key %d is still the old one" % k for k, x in after.keys.items()
                if x == model.NEW and k in seen.keys and seen.keys[k] == before.keys.get(k)]
        is_new = not new and (answered or old != [] or self.prefers_new(seen, before, command))
        demand(is_new or old == [], "neither old (%s) nor new (%s)" % (old, new))
        m = (after if is_new else before).copy()
        self.check_charges(seen, before, command, answered, is_new)
        m.user_tries, m.so_tries = seen.user_tries, seen.so_tries
        m.uses = {k: v for k, v in seen.uses.items() if v is not None}
        return m

    @staticmethod
    def prefers_new(seen, before, command):
        """Nothing tells old from new (VERIFY, SIGN): the counters do."""
        after = command.after
        return seen.user_tries == after.user_tries and seen.so_tries == after.so_tries

    @staticmethod
    def check_charges(seen, before, command, answered, is_new):
        after, charges = command.after, command.charges
        for who in "user", "so":
            now, was, will = (getattr(x, who + "_tries") for x in (seen, before, after))
            allowed = {will} if answered else {was, will} | ({was - 1} if charges == who and was else set())
            demand(now in allowed, "%d tries of the %s PIN, allowed %s" % (now, who, allowed))
        model_now = after if is_new else before
        for key, now in seen.uses.items():
            if now is None:
                continue
            allowed = {model_now.uses[key]}
            if not answered and charges == key:
                allowed = {before.uses[key], after.uses[key]}
            demand(now in allowed, "key %d has %d uses, allowed %s" % (key, now, allowed))


# ---- the attack ----

class Attack:
    def __init__(self, program, folder, seed):
        self.random = random.Random(seed)
        self.log = open(os.path.join(folder, "log"), "wb")
        self.image = os.path.join(folder, "card.img")
        self.card = VpcdCard(program, self.image, self.log)
        self.judge = Judge()
        self.seconds = {}  # how long a command of this name takes
        self.kills = self.answered = self.rolled_back = self.done = 0

    def begin(self):
        self.card.start()
        demand(self.card.command(model.SELECT)[1] == 0x9000, "SELECT")
        first = model.Model()
        first.generation = 1
        command = model.initialise(first, b"648219", b"57621880")
        demand(self.card.command(command.raw)[1] == 0x9000, "INITIALIZE")
        return command.after

    def run(self, m, command):
        started = time.perf_counter()
        data, sw = self.card.command(command.raw)
        name = command.name.split()[0]
        took = time.perf_counter() - started
        self.seconds[name] = 0.8 * self.seconds.get(name, took) + 0.2 * took
        demand(sw == command.sw, "%s answered %04X, not %04X" % (command.name, sw, command.sw))
        self.done += 1
        return self.learn(command.after, data)

    def learn(self, m, data):
        """After GENERATE the answer tells what only the card knew."""
        for key, x in m.keys.items():
            if x == model.NEW:
                at = data.index(b"\x86\x41\x04")
                m.keys[key] = data[at + 3:at + 35]
                m.files[0xCE00 | key] = data
                m.files[0xC400 | key] = self.judge.descriptions.setdefault(
                    0xC400 | key, Sight.read(self.card, 0xC400 | key, 0))
        return m

    def kill_in(self, command):
        """Sends the command and kills the process a moment later. Was the answer complete?"""
        self.card.send(command.raw)
        moment = time.perf_counter() + self.random.random() * 1.2 * self.seconds.get(command.name.split()[0], 0.002)
        while time.perf_counter() < moment:
            pass
        self.card.kill()
        self.kills += 1
        try:
            _, sw = self.card.receive()
            demand(sw == command.sw, "%s answered %04X" % (command.name, sw))
            self.answered += 1
            return True
        except Died:
            return False
        finally:
            self.card.unplug()

    def revive(self, before, command, answered):
        try:
            self.card.start()
        except Died as e:
            raise Wrong("the image cannot be opened any more: %s" % e) from None
        after = command.after
        seen = Sight(self.card, list(dict.fromkeys([before.user_pin, after.user_pin])),
                     list(dict.fromkeys([before.so_pin, after.so_pin])))
        m = self.judge.settle(seen, before, command, answered)
        self.rolled_back += m.generation != command.after.generation
        m.logged_in = seen.user_pin is not None
        if m.logged_in:
            m.user_tries = model.USER_TRIES
        elif m.user_tries:
            m.user_tries = 0  # the old PIN was tried first, and that was the last try
        m.so_tries = model.SO_TRIES
        for key, x in seen.keys.items():
            if x:
                m.keys[key] = x
            if key in m.uses and m.uses[key]:
                m.uses[key] -= 1  # looking at it was a use
        for fid, content in seen.files.items():
            m.files[fid] = content
        return m

    def script(self, m, kills):
        """200 commands, `kills` of them interrupted."""
        targets = set(self.random.sample(range(COMMANDS), kills))
        for n in range(COMMANDS):
            command = model.random_command(m, self.random)
            self.where = "command %d, %s" % (n, command.name)
            if n in targets:
                m = self.revive(m, command, self.kill_in(command))
            else:
                m = self.run(m, command)
        return m


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--program", required=True)
    p.add_argument("--kills", type=int, default=500)
    p.add_argument("--kills-per-script", type=int, default=10)
    p.add_argument("--seed", type=int, default=20260)
    o = p.parse_args()
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # the page cache survives SIGKILL on any file system
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pico-hsm-kill-", dir=shm) as folder:
        attack, scripts = Attack(o.program, folder, o.seed), 0
        try:
            m = attack.begin()
            while attack.kills < o.kills:
                m = attack.script(m, min(o.kills_per_script, o.kills - attack.kills))
                scripts += 1
            demand(attack.card.stop() == 0, "SIGTERM did not end it with 0")
        except (Wrong, Died) as e:
            print("seed %d, script %d, %s: %s" % (o.seed, scripts, attack.where, e))
            attack.log.flush()
            with open(attack.log.name, errors="replace") as log:
                print(log.read()[-800:])
            if attack.card.process and attack.card.process.poll() is None:
                attack.card.process.kill()
            return 1
    print("%d scripts of %d commands, %d kills: %d after the answer, %d old states; %.0f s, seed %d" %
          (scripts, COMMANDS, attack.kills, attack.answered, attack.rolled_back, time.monotonic() - started, o.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
