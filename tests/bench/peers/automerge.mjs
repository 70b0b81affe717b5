// Automerge: a family is one document, a swipe an entry of a map in it; every device is a repo that keeps its document
// in files. It has no acknowledgements: what a device wrote is there when a second device has it.

import {
  begin, drive, folder, note, phase, port, quick, require, swipe, times, until, use, value, wire,
} from './client.mjs';

const { Repo } = await use('@automerge/automerge-repo');
const { WebSocketClientAdapter } = await use('@automerge/automerge-repo-network-websocket');
const { NodeFSStorageAdapter } = await use('@automerge/automerge-repo-storage-nodefs');

const ACTOR = '0b8f7e8e-6f6e-4a3e-9a3f-5d7c0a4b1c2d';
const BATCH = 100;
const rows = (handle) => Object.keys(handle.doc()?.swipes ?? {}).length;

async function device(name, online = true) {
  const repo = new Repo({
    network: online ? [new WebSocketClientAdapter(`ws://127.0.0.1:${port}`)] : [],
    storage: new NodeFSStorageAdapter(`${folder}/${name}`),
  });
  // Until it is connected, it says of every document that there is none.
  if (online) await repo.networkSubsystem.whenReady();
  return repo;
}

/** A document, once a server has answered that it has it. */
async function found(repo, url) {
  for (;;) {
    const handle = await repo.find(url).catch(() => null);
    if (handle) return handle;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Ends a device. One whose document never came cannot save it, and complains. */
const end = (repo) => repo.shutdown().catch(() => {});

// Ending a device whose connection is just being made again throws where nobody can catch it.
process.on('uncaughtException', (error) => {
  if (/closed before the connection/.test(error.message)) return;
  console.error(error);
  process.exit(1);
});

/** Puts swipes into a document, in batches: one change each. */
function fill(handle, count) {
  for (let done = 0; done < count; done += BATCH) {
    handle.change((doc) => {
      doc.swipes ??= {};
      for (let n = 0; n < Math.min(BATCH, count - done); n++) {
        const made = swipe(ACTOR);
        doc.swipes[made.target_pet] = made;
      }
    });
  }
}

/** A document with rows on the server, some of them removed again. */
async function seed(count, gone = 0) {
  const repo = await device(`seed${count}-${gone}`);
  const handle = repo.create({ swipes: {} });
  fill(handle, count);
  if (gone > 0) {
    handle.change((doc) => Object.keys(doc.swipes).slice(count - gone).forEach((id) => delete doc.swipes[id]));
  }
  // The server only answers for documents that it has: asked until it does.
  for (;;) {
    const other = await device(`check${count}-${gone}-${Math.random()}`);
    const there = await Promise.race([
      found(other, handle.url).then((copy) => rows(copy) === count - gone),
      new Promise((resolve) => setTimeout(() => resolve(false), 3000)),
    ]);
    await end(other);
    if (there) return handle.url;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function fresh(url, count, name) {
  const repo = await device(`fresh-${count}-${Math.random()}`);
  begin();
  const before = wire();
  const started = performance.now();
  const handle = await found(repo, url);
  await until(() => rows(handle) === count, 'the rows');
  await repo.flush();
  value(`${name}store`, performance.now() - started, 'ms');
  value(`${name}wire`, wire() - before, 'B');
  phase(name);
}

const fsync = () => note('automerge: both sides write files without fsync, the server after it has answered: UNEQUAL, in its favour');

async function bootstrap() {
  await fresh(await seed(10_000), 10_000, '');
  fsync();
}

async function afterRemoval() {
  await fresh(await seed(1000), 1000, 'only live: ');
  await fresh(await seed(10_000, 9000), 1000, 'after removal: ');
}

async function live() {
  const count = quick ? 30 : 300;
  const url = await seed(BATCH);
  const [a, b] = [await found(await device('a'), url), await found(await device('b'), url)];
  const took = [];
  for (let n = 1; n <= count; n++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const came = new Promise((resolve) => b.once('change', resolve));
    const started = performance.now();
    fill(a, 1);
    await came;
    took.push(performance.now() - started);
  }
  times('sent to applied', took);
  note('automerge: without the 500 idle connections');
}

async function catchUp() {
  const url = await seed(BATCH);
  const repo = await device('returning');
  const handle = await found(repo, url);
  repo.networkSubsystem.disconnect();
  fill(handle, 1000);
  await repo.flush();
  const otherRepo = await device('other');
  const other = await found(otherRepo, url);
  fill(other, 1000);
  await until(async () => {
    const check = await device(`check-${Math.random()}`);
    const there = rows(await found(check, url)) === BATCH + 1000;
    await end(check);
    return there;
  }, 'the remote changes');
  begin();
  const before = wire();
  const started = performance.now();
  repo.networkSubsystem.reconnect();
  await until(() => rows(handle) === BATCH + 2000 && rows(other) === BATCH + 2000, 'both sides');
  await repo.flush();
  value('up to date, store', performance.now() - started, 'ms');
  value('wire', wire() - before, 'B');
  phase('');
  fsync();
}

await drive(
  { w2: bootstrap, w3: live, w4: catchUp, w6: afterRemoval },
  {
    w1: 'its unit is a document with its history; a thousand of them on one client is not what it is made for',
    w5: 'it says nothing when there is nothing to say, and tells nobody that it is done',
    w7: 'no driver for faults',
    w8: 'no driver for idle connections',
  },
);
