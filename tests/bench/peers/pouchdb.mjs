// PouchDB: W1 by raw requests of its HTTP interface (a database for each device), the others with PouchDB itself,
// which keeps its rows in LevelDB and replicates.

import http from 'node:http';
import { atOnce, begin, drive, folder, note, phase, port, quick, require, swipe, times, value, wire } from './client.mjs';

const PouchDB = require('pouchdb').defaults({ prefix: `${folder}/` });
const base = `http://127.0.0.1:${port}`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

function ask(method, path, body) {
  return new Promise((resolve, reject) => {
    const text = body && JSON.stringify(body);
    const headers = text ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) } : {};
    const request = http.request(`${base}${path}`, { method, agent, headers }, (reply) => {
      let all = '';
      reply.on('data', (piece) => (all += piece));
      reply.on('end', () => (reply.statusCode < 300 ? resolve(all) : reject(new Error(`${path}: ${all}`))));
    });
    request.on('error', reject);
    request.end(text);
  });
}

const docs = (count) =>
  Array.from({ length: count }, () => {
    const made = swipe('0b8f7e8e-6f6e-4a3e-9a3f-5d7c0a4b1c2d');
    return { _id: made.target_pet, ...made };
  });

async function fill(name, count) {
  await ask('PUT', `/${name}`);
  const ids = [];
  for (let done = 0; done < count; done += 500) {
    const batch = docs(Math.min(500, count - done));
    ids.push(...JSON.parse(await ask('POST', `/${name}/_bulk_docs`, { docs: batch })));
  }
  return ids;
}

const fsync = () => note('pouchdb: LevelDB is written without fsync, on both sides: UNEQUAL, in its favour');

async function push() {
  const devices = quick ? 200 : 1000;
  for (let n = 0; n < devices; n++) await ask('PUT', `/device${n}`);
  const batches = Array.from({ length: devices }, () => docs(100));
  begin();
  const before = wire();
  const started = performance.now();
  const took = await atOnce(64, batches.map((batch, n) => () => ask('POST', `/device${n}/_bulk_docs`, { docs: batch })));
  const seconds = (performance.now() - started) / 1000;
  phase('push ');
  value('swipes', (devices * 100) / seconds, '1/s');
  times('batch', took);
  value('push wire', (wire() - before) / devices / 100, 'B/swipe');
  const pulls = await atOnce(64, batches.map((_, n) => () => ask('GET', `/device${n}/_changes?since=100`)));
  phase('pull ');
  times('pull', pulls);
  value('wire', (wire() - before) / devices / 100, 'B/swipe');
  note(`pouchdb: W1 with ${devices} devices`);
  fsync();
}

async function fresh(remote, local, rows, name) {
  const store = new PouchDB(local);
  await store.info();
  begin();
  const before = wire();
  const started = performance.now();
  await PouchDB.replicate(`${base}/${remote}`, store);
  value(`${name}store`, performance.now() - started, 'ms');
  value(`${name}wire`, wire() - before, 'B');
  phase(name);
  const { doc_count: found } = await store.info();
  if (found !== rows) throw new Error(`${found} rows came, ${rows} are there`);
}

async function bootstrap() {
  await fill('family', 10_000);
  await fresh('family', 'one', 10_000, '');
  fsync();
}

async function afterRemoval() {
  await fill('live', 1000);
  await fresh('live', 'one', 1000, 'only live: ');
  const ids = await fill('family', 10_000);
  const gone = ids.slice(1000).map(({ id, rev }) => ({ _id: id, _rev: rev, _deleted: true }));
  for (let n = 0; n < gone.length; n += 500) await ask('POST', '/family/_bulk_docs', { docs: gone.slice(n, n + 500) });
  await fresh('family', 'two', 1000, 'after removal: ');
}

async function live() {
  const count = quick ? 30 : 300;
  await ask('PUT', '/family');
  const [a, b] = [new PouchDB('a'), new PouchDB('b')];
  a.sync(`${base}/family`, { live: true });
  b.sync(`${base}/family`, { live: true });
  let arrived = () => {};
  b.changes({ live: true, since: 'now' }).on('change', () => arrived());
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const took = [];
  for (let n = 0; n < count; n++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const came = new Promise((resolve) => (arrived = resolve));
    const [doc] = docs(1);
    const started = performance.now();
    await a.put(doc);
    await came;
    took.push(performance.now() - started);
  }
  times('sent to applied', took);
  note('pouchdb: without the 500 idle connections');
}

async function catchUp() {
  await ask('PUT', '/family');
  const store = new PouchDB('returning');
  await store.sync(`${base}/family`);
  await ask('POST', '/family/_bulk_docs', { docs: docs(1000) });
  await store.bulkDocs(docs(1000));
  begin();
  const before = wire();
  const started = performance.now();
  await store.sync(`${base}/family`);
  value('up to date, store', performance.now() - started, 'ms');
  value('wire', wire() - before, 'B');
  phase('');
  const { doc_count: found } = await store.info();
  if (found !== 2000) throw new Error(`${found} rows`);
  fsync();
}

async function noop() {
  await fill('family', 10_000);
  const store = new PouchDB('synced');
  await store.sync(`${base}/family`);
  const rounds = quick ? 50 : 200;
  begin();
  const before = wire();
  const took = await atOnce(1, Array.from({ length: rounds }, () => () => store.sync(`${base}/family`)));
  value('syncs', (rounds * 1000) / took.reduce((a, b) => a + b), 'requests/s');
  value('wire', (wire() - before) / rounds, 'B/request');
  times('sync', took);
  phase(`${rounds} syncs, `);
  note('pouchdb: a request is one two-way sync() of its client, which makes several');
}

await drive(
  { w1: push, w2: bootstrap, w3: live, w4: catchUp, w5: noop, w6: afterRemoval },
  { w7: 'no driver for faults', w8: 'its clients poll with long requests; no idle stream to compare' },
);
