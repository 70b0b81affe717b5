// TinyBase: every device is a mergeable store with its web socket synchronizer, kept in memory. It has no way to ask
// whether the server has a change on disk, so its writes count as done when the server has answered.

import {
  atOnce, begin, drive, folder, note, phase, port, quick, require, swipe, times, until, use, value, wire,
} from './client.mjs';

const { createMergeableStore } = await use('tinybase');
const { createFilePersister } = await use('tinybase/persisters/persister-file');
const { createWsSynchronizer } = await use('tinybase/synchronizers/synchronizer-ws-client');
const { WebSocket } = require('ws');

const ACTOR = '0b8f7e8e-6f6e-4a3e-9a3f-5d7c0a4b1c2d';
const rows = (store) => store.getRowCount('swipes');

function fill(store, count) {
  store.transaction(() => {
    for (let n = 0; n < count; n++) {
      const made = swipe(ACTOR);
      // A cell cannot be null; one that is missing means the same.
      const row = Object.fromEntries(Object.entries(made).filter(([, cell]) => cell !== null));
      store.setRow('swipes', made.target_pet, row);
    }
  });
}

async function connect(store, path) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`);
  const synchronizer = await createWsSynchronizer(store, socket, 10);
  await synchronizer.startSync();
  return synchronizer;
}

// Its server waits a second for what it has asked for, and ten thousand rows at once take a device longer.
const AT_ONCE = 2000;

/** Brings rows to the server, and waits until another store has them all. */
async function seed(path, count, gone = 0) {
  const store = createMergeableStore();
  const synchronizer = await connect(store, path);
  const other = createMergeableStore();
  const check = await connect(other, path);
  for (let left = count; left > 0; left -= AT_ONCE) {
    fill(store, Math.min(left, AT_ONCE));
    await until(() => rows(other) === rows(store), 'the rows on the server');
  }
  if (gone > 0) {
    const ids = store.getRowIds('swipes').slice(count - gone);
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      store.transaction(() => ids.slice(from, from + AT_ONCE).forEach((id) => store.delRow('swipes', id)));
      await until(() => rows(other) === rows(store), 'the removals on the server');
    }
  }
  await check.destroy();
  await synchronizer.destroy();
}

/** A device's store in a file: where the time of a fresh device ends. */
const keep = (store, name) => createFilePersister(store, `${folder}/${name}.json`).save();

const fsync = () =>
  note('tinybase: both sides write whole JSON files, the server after it has answered, without fsync: UNEQUAL, in its favour');

async function push() {
  const devices = quick ? 100 : 1000;
  const stores = Array.from({ length: devices }, () => createMergeableStore());
  stores.forEach((store) => fill(store, 100));
  begin();
  const before = wire();
  const started = performance.now();
  const took = await atOnce(64, stores.map((store, n) => async () => {
    const synchronizer = await connect(store, `device${n}`);
    const other = createMergeableStore();
    // It has no acknowledgements: a batch is there when a second device has it.
    const check = await connect(other, `device${n}`);
    await until(() => rows(other) === 100, 'a batch');
    await check.destroy();
    await synchronizer.destroy();
  }));
  value('swipes', (devices * 100) / ((performance.now() - started) / 1000), '1/s');
  times('batch', took);
  value('wire', (wire() - before) / devices / 100, 'B/swipe');
  phase('push and pull ');
  note(`tinybase: W1 with ${devices} devices; without acknowledgements, so a batch ends when a second device has it`);
  fsync();
}

async function fresh(path, count, name) {
  const store = createMergeableStore();
  begin();
  const before = wire();
  const started = performance.now();
  const synchronizer = await connect(store, path);
  await until(() => rows(store) === count, 'the rows');
  await keep(store, path);
  value(`${name}store`, performance.now() - started, 'ms');
  value(`${name}wire`, wire() - before, 'B');
  phase(name);
  await synchronizer.destroy();
}

async function bootstrap() {
  await seed('family', 10_000);
  await fresh('family', 10_000, '');
  fsync();
}

async function afterRemoval() {
  await seed('live', 1000);
  await fresh('live', 1000, 'only live: ');
  await seed('family', 10_000, 9000);
  await fresh('family', 1000, 'after removal: ');
}

async function live() {
  const count = quick ? 30 : 300;
  const [a, b] = [createMergeableStore(), createMergeableStore()];
  await connect(a, 'family');
  await connect(b, 'family');
  const took = [];
  for (let n = 1; n <= count; n++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const came = new Promise((resolve) => b.addTablesListener(resolve));
    const started = performance.now();
    fill(a, 1);
    await came;
    took.push(performance.now() - started);
  }
  times('sent to applied', took);
  note('tinybase: without the 500 idle connections, and in memory on both sides');
}

async function catchUp() {
  await seed('family', 10);
  const store = createMergeableStore();
  await (await connect(store, 'family')).destroy();
  await seed('family', 1000);
  fill(store, 1000);
  const other = createMergeableStore();
  begin();
  const before = wire();
  const started = performance.now();
  const synchronizer = await connect(store, 'family');
  await until(() => rows(store) === 2010, 'the remote changes');
  await keep(store, 'returning');
  value('up to date, store', performance.now() - started, 'ms');
  value('wire', wire() - before, 'B');
  phase('');
  const check = await connect(other, 'family');
  await until(() => rows(other) === 2010, 'the own changes');
  await check.destroy();
  await synchronizer.destroy();
  fsync();
}

async function noop() {
  await seed('family', 10_000);
  const store = createMergeableStore();
  await (await connect(store, 'family')).destroy();
  await until(() => rows(store) === 10_000, 'the rows');
  const rounds = quick ? 20 : 100;
  begin();
  const before = wire();
  const took = await atOnce(1, Array.from({ length: rounds }, () => async () => {
    const synchronizer = await connect(store, 'family');
    await synchronizer.load();
    await synchronizer.destroy();
  }));
  value('syncs', (rounds * 1000) / took.reduce((a, b) => a + b), 'requests/s');
  value('wire', (wire() - before) / rounds, 'B/request');
  times('sync', took);
  phase(`${rounds} syncs, `);
  note('tinybase: a request is a new connection that compares hashes, because it has no other no-op');
}

async function idle() {
  const count = quick ? 1000 : 10_000;
  begin();
  phase('no connection, ');
  const open = [];
  await atOnce(64, Array.from({ length: count }, (_, n) => () => new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/family${n % 1000}`);
    socket.once('open', resolve);
    socket.once('error', reject);
    open.push(socket);
  })));
  await new Promise((resolve) => setTimeout(resolve, 2000));
  value('connections', open.length, '');
  phase('all connected, ');
}

await drive(
  { w1: push, w2: bootstrap, w3: live, w4: catchUp, w5: noop, w6: afterRemoval, w8: idle },
  { w7: 'no driver for faults' },
);
