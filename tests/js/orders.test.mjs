// An order that is built and signed from docs/protocol/orders.md alone, brought by a bank.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { blake2AsHex } from '@polkadot/util-crypto';
import { NODES, connect, event, key, rpc, send } from './network.mjs';

const ACTION_CANCEL = 2;
const ACTION_EXCHANGE = 11;
const LEG_UNITS = 2;
const ACTION_HOLD = 3;
const RETURN = 1;
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

const order = (owners, now, action) =>
  Buffer.concat([
    Buffer.from('specie/order/v1'.padEnd(24, '\0')),
    api.genesisHash.toU8a(),
    randomBytes(16),
    le(now, 4),
    le(now + WINDOW, 4),
    Buffer.from([0]),
    Buffer.from([owners.length << 2]),
    ...owners.flatMap((owner) => [owner, le(0, 4)]),
    action,
  ]);

// Takes back the consent to another order: it moves nothing, and is executed once all the same.
const cancel = (now) => Buffer.concat([Buffer.from([ACTION_CANCEL]), randomBytes(32), le(now + WINDOW, 4)]);

// Sets custody aside, with the hash of a contract.
const hold = (amount, now) =>
  Buffer.concat([
    Buffer.from([ACTION_HOLD]),
    le(BANK, 4),
    le(BANK, 4),
    le(amount, 6),
    Buffer.alloc(10),
    le(now + WINDOW, 4),
    Buffer.from([RETURN, 1]),
    randomBytes(32),
  ]);

// Units of an instrument, of which there are few here.
const units = (instrument, amount) =>
  Buffer.concat([Buffer.from([LEG_UNITS]), le(instrument, 4), le(amount, 6), Buffer.alloc(10)]);

// Both parties sign, or neither leg happens.
const exchange = (give, take) => Buffer.concat([Buffer.from([ACTION_EXCHANGE]), units(...give), units(...take)]);

// One signature of each party.
const document = (payload, ...signatures) =>
  Buffer.concat([
    payload,
    Buffer.from([signatures.length << 2]),
    ...signatures.flatMap((signature, party) => [Buffer.from([party, 0]), Buffer.from(signature)]),
  ]);

const wrap = (bytes) => Buffer.concat([Buffer.from('<Bytes>'), bytes, Buffer.from('</Bytes>')]);
const hex = (bytes) => `0x${bytes.toString('hex')}`;
const person = () => ({ owner: randomBytes(24), key: key(hex(randomBytes(32))) });

const verdicts = (done) => event(done, 'orders', 'Submitted').outcomes.map(({ verdict }) => verdict.type);

test('an order built from the specification is executed once', async () => {
  const ann = person();
  await register(ann);
  const now = await rpc(api, 'specie_orderClock');
  const [raw, wrapped, altered] = [1, 2, 3].map(() => order([ann.owner], now, cancel(now)));
  const documents = [
    document(raw, ann.key.sign(raw)),
    document(wrapped, ann.key.sign(wrap(wrapped))),
    document(raw, ann.key.sign(raw)),
    document(altered, ann.key.sign(raw)),
    Buffer.from('no order'),
  ].map(hex);

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

test('an escrow built from the specification is what both signed', async () => {
  const [ann, ben] = [person(), person()];
  for (const one of [ann, ben]) await register(one);
  const now = await rpc(api, 'specie_orderClock');
  const payload = order([ann.owner, ben.owner], now, hold(100, now));
  const [byAnn, byBen] = [ann.key.sign(payload), ben.key.sign(wrap(payload))];
  const tried = async (...signatures) => {
    const { verdict } = await rpc(api, 'specie_tryOrder', hex(document(payload, ...signatures)), bank.address);
    return verdict;
  };
  assert.equal(await tried(byAnn), 'BadSignature');
  assert.equal(await tried(byBen, byAnn), 'BadSignature');
  // Everything is right but that Ann has no custody.
  assert.equal(await tried(byAnn, byBen), 'Failed');
  const done = await send(api, api.tx.orders.submit([hex(document(payload, byAnn, byBen))]), bank);
  const failed = event(done, 'orders', 'Submitted').outcomes[0].verdict.asFailed;
  assert.equal(api.registry.findMetaError(failed.asModule).name, 'CustodyTooLow');
  assert.equal(await rpc(api, 'specie_escrow', blake2AsHex(payload).slice(2)), null);
});

test('an exchange of two happens when both signed what it says', async () => {
  const [ann, ben] = [person(), person()];
  const terms = {
    kind: 'Bill',
    name: 'Bill',
    symbol: 'B',
    decimals: 0,
    reference: `0x${'07'.repeat(32)}`,
    holders: 'Anyone',
    transferable: true,
    most: 1000,
    matures: null,
  };
  const numbers = [];
  for (const one of [ann, ben]) {
    await register(one);
    const done = await send(api, api.tx.instruments.define(terms), bank);
    const number = event(done, 'instruments', 'Defined').instrument.toNumber();
    await send(api, api.tx.instruments.issue(number, one.owner, 1000), bank);
    numbers.push(number);
  }
  const [first, second] = numbers;
  const now = await rpc(api, 'specie_orderClock');
  const owners = [ann.owner, ben.owner];
  const good = order(owners, now, exchange([first, 300], [second, 200]));
  const dear = order(owners, now, exchange([first, 300], [second, 1001]));
  const sign = (payload, people) => document(payload, ...people.map((one) => one.key.sign(payload)));
  const documents = [
    sign(good, [ann]),
    sign(good, [ben, ann]),
    document(good, ann.key.sign(dear), ben.key.sign(good)),
    sign(dear, [ann, ben]),
    sign(good, [ann, ben]),
    sign(good, [ann, ben]),
  ].map(hex);
  const done = await send(api, api.tx.orders.submit(documents), bank);
  const refused = ['BadSignature', 'BadSignature', 'BadSignature', 'Failed'];
  assert.deepEqual(verdicts(done), [...refused, 'Executed', 'AlreadyExecuted']);

  const held = async ({ owner }) =>
    (await rpc(api, 'specie_units', owner.toString('hex'), null, null, done.block.toHex())).map(
      ({ instrument, amount }) => [instrument, amount],
    );
  assert.deepEqual(await held(ann), [[first, 700], [second, 200]]);
  assert.deepEqual(await held(ben), [[first, 300], [second, 800]]);
});
