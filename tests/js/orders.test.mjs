// An order that is built and signed from docs/protocol/orders.md alone, brought by a bank.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { blake2AsHex } from '@polkadot/util-crypto';
import { NODES, connect, event, key, rpc, send } from './network.mjs';

const ACTION_CANCEL = 2;
// Another bank than that of the other test, which may run at the same time.
const BANK = 2;
const bank = key('//BankB');
const PHONE = 1;
const WINDOW = 600;

let api;
let other;

before(async () => {
  api = await connect(NODES[0]);
  other = await connect(NODES.at(-1));
});
after(async () => {
  await api?.disconnect();
  await other?.disconnect();
});

const le = (number, length) => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(number, 0, length);
  return bytes;
};

// See `RegistrationProof` in primitives/src/identity.rs.
const register = async ({ owner, key }) => {
  const expiry = (await api.rpc.chain.getHeader()).number.toNumber() + 100;
  const parts = [
    Buffer.from('specie/registration/v1\0\0'),
    api.genesisHash.toU8a(),
    owner,
    le(BANK, 4),
    key.publicKey,
    Buffer.from([PHONE]),
    le(expiry, 4),
  ];
  const signature = key.sign(Buffer.concat(parts));
  return send(api, api.tx.identity.register(owner, key.address, PHONE, null, expiry, signature), bank);
};

// An order of one party that takes back its consent to another order: it moves nothing, and is executed once all the same.
const order = (owner, now) =>
  Buffer.concat([
    Buffer.from('specie/order/v1'.padEnd(24, '\0')),
    api.genesisHash.toU8a(),
    randomBytes(16),
    le(now, 4),
    le(now + WINDOW, 4),
    Buffer.from([0]),
    Buffer.from([1 << 2]),
    owner,
    le(0, 4),
    Buffer.from([ACTION_CANCEL]),
    randomBytes(32),
    le(now + WINDOW, 4),
  ]);

const document = (payload, signature) =>
  Buffer.concat([payload, Buffer.from([1 << 2, 0, 0]), Buffer.from(signature)]);

const verdicts = (done) => event(done, 'orders', 'Submitted').outcomes.map(({ verdict }) => verdict.type);

test('an order built from the specification is executed once', async () => {
  const ann = { owner: randomBytes(24), key: key(`0x${randomBytes(32).toString('hex')}`) };
  await register(ann);
  const now = await rpc(api, 'specie_orderClock');
  const [raw, wrapped, altered] = [order(ann.owner, now), order(ann.owner, now), order(ann.owner, now)];
  const wrap = (bytes) => Buffer.concat([Buffer.from('<Bytes>'), bytes, Buffer.from('</Bytes>')]);
  const documents = [
    document(raw, ann.key.sign(raw)),
    document(wrapped, ann.key.sign(wrap(wrapped))),
    document(raw, ann.key.sign(raw)),
    document(altered, ann.key.sign(raw)),
    Buffer.from('no order'),
  ].map((bytes) => `0x${bytes.toString('hex')}`);

  const tried = await rpc(api, 'specie_tryOrder', documents[0], bank.address);
  assert.deepEqual([tried.verdict, `0x${tried.order}`], ['Executed', blake2AsHex(raw)]);

  const done = await send(api, api.tx.orders.submit(documents), bank);
  assert.deepEqual(verdicts(done), ['Executed', 'Executed', 'AlreadyExecuted', 'BadSignature', 'Unreadable']);
  const name = blake2AsHex(raw).slice(2);
  assert.ok((await rpc(api, 'specie_order', name)).executed, 'it is remembered');

  // Through another node it is the same order.
  const again = await send(other, other.tx.orders.submit([documents[0]]), bank);
  assert.deepEqual(verdicts(again), ['AlreadyExecuted']);
});
