"""Anki's client, driven as its desktop program drives it: a swipe is a note with one card, a family is a user.

The bytes are counted by a small relay between the client, which is written in Rust, and the server.
Called with the workload, the server's port, a folder for the devices, and "quick" or "full".
"""

import json
import random
import socket
import sys
import threading
import time
import uuid

from anki.collection import AddNoteRequest, Collection, SyncOutput

workload, port, folder, length = sys.argv[1:]
quick = length == "quick"
dice = random.Random(1)


def say(**line):
    print(json.dumps(line), flush=True)


def value(name, number, unit):
    say(name=name, value=number, unit=unit)


class Relay:
    """Passes bytes on in both directions and counts them."""

    def __init__(self, target):
        self.target, self.bytes = target, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            for one, other in ((client, server), (server, client)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()

    def pass_on(self, one, other):
        try:
            while piece := one.recv(1 << 16):
                self.bytes += len(piece)
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


relay = Relay(int(port))


class Device:
    """A collection in a file, signed in."""

    def __init__(self, name):
        self.col = Collection(f"{folder}/{name}.anki2")
        self.auth = self.col.sync_login("family", "password", f"http://127.0.0.1:{relay.port}/")

    def sync(self, upload=False):
        """Syncs; where one side has to replace the other, the one that was said."""
        required = self.col.sync_collection(self.auth, False).required
        if required not in (SyncOutput.NO_CHANGES, SyncOutput.NORMAL_SYNC):
            self.col.close_for_full_sync()
            self.col.full_upload_or_download(auth=self.auth, server_usn=None, upload=upload)
            self.col.reopen(after_full_sync=True)

    def fill(self, count):
        deck = self.col.decks.id("Default")
        model = self.col.models.by_name("Basic")
        requests = []
        for _ in range(count):
            thrown = dice.random()
            verdict = "no" if thrown < 0.6 else "later" if thrown < 0.85 else "yes"
            note = self.col.new_note(model)
            note["Front"] = json.dumps(
                {
                    "actor_pet": "0b8f7e8e-6f6e-4a3e-9a3f-5d7c0a4b1c2d",
                    "target_pet": str(uuid.UUID(int=dice.getrandbits(128))),
                    "verdict": verdict,
                    "by_child": None,
                    "released": verdict if verdict == "yes" else None,
                }
            )
            requests.append(AddNoteRequest(note=note, deck_id=deck))
        self.col.add_notes(requests)

    def rows(self):
        return self.col.note_count()


def timed(prefix, name, work):
    say(begin=True)
    before, started = relay.bytes, time.perf_counter()
    work()
    value(f"{prefix}{name}", (time.perf_counter() - started) * 1000, "ms")
    value(f"{prefix}wire", relay.bytes - before, "B")
    say(phase=prefix)


def expect(device, count):
    if device.rows() != count:
        sys.exit(f"{device.rows()} rows can be read, {count} are there")


def fresh(name, count, prefix):
    device = Device(name)
    timed(prefix, "store", device.sync)
    expect(device, count)


def bootstrap():
    first = Device("first")
    first.fill(10_000)
    first.sync(upload=True)
    fresh("fresh", 10_000, "")
    say(note="anki: a fresh device downloads the whole collection, as a file")


def after_removal():
    first = Device("first")
    first.fill(1_000)
    first.sync(upload=True)
    fresh("live", 1_000, "only live: ")
    first.fill(9_000)
    first.sync(upload=True)
    notes = sorted(first.col.find_notes(""))
    first.col.remove_notes(notes[1_000:])
    first.sync(upload=True)
    fresh("after", 1_000, "after removal: ")


def catch_up():
    first, second = Device("first"), Device("second")
    first.fill(10)
    first.sync(upload=True)
    second.sync()
    first.fill(1_000)
    first.sync()
    # Ids are milliseconds, and adding many takes those that follow: at the same time on two devices they collide.
    time.sleep(3)
    second.fill(1_000)
    timed("", "up to date, store", second.sync)
    expect(second, 2_010)
    say(note="anki: the two devices write 3 s apart, because ids are milliseconds and notes with the same one are lost")


def noop():
    first = Device("first")
    first.fill(10_000)
    first.sync(upload=True)
    first.sync()
    rounds = 100 if quick else 500
    say(begin=True)
    before, took = relay.bytes, []
    for _ in range(rounds):
        started = time.perf_counter()
        first.sync()
        took.append((time.perf_counter() - started) * 1000)
    took.sort()
    value("syncs", rounds * 1000 / sum(took), "requests/s")
    value("wire", (relay.bytes - before) / rounds, "B/request")
    value("sync p50", took[rounds // 2], "ms")
    value("sync p99", took[rounds * 99 // 100 - 1], "ms")
    say(phase=f"{rounds} syncs, ")


MISSING = {
    "w1": "a thousand collections of its client, each with a first upload, take longer than a run may",
    "w3": "its server tells clients nothing by itself: a person syncs",
    "w7": "no driver for faults",
    "w8": "its server tells clients nothing by itself: there are no idle connections",
}

work = {"w2": bootstrap, "w4": catch_up, "w5": noop, "w6": after_removal}.get(workload)
if work:
    work()
    say(note="anki: its SQLite commits as Anki sets it (see the pragma in its collection); the sync server answers after that")
else:
    say(blank=MISSING[workload])
