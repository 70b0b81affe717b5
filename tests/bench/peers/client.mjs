// What every driver in JavaScript has in common: the bytes on its wire, its dice, its swipes, and how it reports.
// A driver is called with the workload, the port of the server, a folder for its devices, and "quick" or "full".

import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';

// The peer's packages are installed outside of this repository.
export const require = createRequire(`${process.env.PEER}/package.json`);
export const use = (name) => import(require.resolve(name));

const [, , workload, port, folder, length] = process.argv;
export { port, folder };
export const quick = length === 'quick';

// Every socket that this process opens as a client.
const sockets = new Set();
let closed = 0;
channel('net.client.socket').subscribe(({ socket }) => {
  sockets.add(socket);
  socket.once('close', () => {
    closed += socket.bytesRead + socket.bytesWritten;
    sockets.delete(socket);
  });
});

/** Bytes over all sockets so far, both ways, headers included. */
export function wire() {
  let open = 0;
  for (const socket of sockets) open += socket.bytesRead + socket.bytesWritten;
  return closed + open;
}

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
export const value = (name, number, unit) => say({ name, value: number, unit });
export const note = (text) => say({ note: text });
export const begin = () => say({ begin: true });
export const phase = (name = '') => say({ phase: name });

/** The median and the 99th percentile of a list of milliseconds. */
export function times(name, list) {
  const sorted = list.toSorted((a, b) => a - b);
  for (const [label, share] of [['p50', 0.5], ['p99', 0.99]]) {
    value(`${name} ${label}`, sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)], 'ms');
  }
}

// Dice that always fall the same way (mulberry32).
let state = 1;
function dice() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/** A swipe as Romp stores it: 60 % no, 25 % later, 15 % yes, released at once. */
export function swipe(actor) {
  const thrown = dice();
  const verdict = thrown < 0.6 ? 'no' : thrown < 0.85 ? 'later' : 'yes';
  return {
    actor_pet: actor,
    target_pet: randomUUID(),
    verdict,
    by_child: null,
    released: verdict === 'yes' ? verdict : null,
  };
}

/** Runs jobs, so many at a time; returns how long each took, in milliseconds. */
export async function atOnce(count, jobs) {
  const took = new Array(jobs.length);
  let next = 0;
  const worker = async () => {
    while (next < jobs.length) {
      const number = next++;
      const started = performance.now();
      await jobs[number]();
      took[number] = performance.now() - started;
    }
  };
  await Promise.all(Array.from({ length: count }, worker));
  return took;
}

/** Waits until something is so. */
export async function until(isSo, what) {
  const deadline = performance.now() + 120_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Does the workload that was asked for; one that is missing is left blank, with the reason. */
export async function drive(workloads, missing) {
  const work = workloads[workload];
  if (work) await work();
  else say({ blank: missing[workload] ?? 'no driver for this workload' });
  process.exit(0);
}
