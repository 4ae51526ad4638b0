// A joint account that is opened and ordered from docs/protocol/joint.md and docs/protocol/orders.md alone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { NODES, connect, event, key, rpc, send } from './network.mjs';

const ACTION_CUSTODY = 1;
const ACTION_CANCEL = 2;
const ACTION_MANAGERS = 7;
// Another bank than those of the other tests, which may run at the same time.
const BANK = 3;
const bank = key('//BankC');
const PHONE = 1;
const WINDOW = 600;
const THRESHOLD = 2;
const MONEY = 1_000;
const issuer = key('//Issuing//1');

let api;

before(async () => {
  api = await connect(NODES[0]);
});
after(async () => {
  await api?.disconnect();
});

const le = (number, length) => {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(number, 0, length);
  return bytes;
};
const tag = (text) => Buffer.from(text.padEnd(24, '\0'));
const wrap = (bytes) => Buffer.concat([Buffer.from('<Bytes>'), bytes, Buffer.from('</Bytes>')]);
const soon = async () => (await api.rpc.chain.getHeader()).number.toNumber() + 100;

// See `RegistrationProof` in primitives/src/identity.rs.
const register = async ({ owner, key }) => {
  const expiry = await soon();
  const parts = [
    tag('specie/registration/v1'),
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

const opening = (account, managers, expiry) =>
  Buffer.concat([
    tag('specie/joint/open/v1'),
    api.genesisHash.toU8a(),
    account,
    le(BANK, 4),
    Buffer.from([PHONE]),
    Buffer.from([managers.length << 2]),
    ...managers.map(({ owner }) => owner),
    Buffer.from([THRESHOLD]),
    le(expiry, 4),
  ]);

// An order of the account for a version of its managers.
const orderOf = (account, version, now, action) =>
  Buffer.concat([
    tag('specie/order/v1'),
    api.genesisHash.toU8a(),
    randomBytes(16),
    le(now, 4),
    le(now + WINDOW, 4),
    Buffer.from([0]),
    Buffer.from([1 << 2]),
    account,
    le(version, 4),
    action,
  ]);

// Takes back the account's consent to another order: it moves nothing.
const order = (account, version, now) =>
  orderOf(account, version, now, Buffer.concat([Buffer.from([ACTION_CANCEL]), randomBytes(32), le(now + WINDOW, 4)]));

// Custody for somebody at the same bank, at once.
const pay = ({ owner }, amount) =>
  Buffer.concat([
    Buffer.from([ACTION_CUSTODY]),
    le(BANK, 4),
    le(BANK, 4),
    owner,
    le(amount, 6),
    Buffer.alloc(10),
    Buffer.from([0]),
  ]);

const setManagers = (managers, threshold) =>
  Buffer.concat([
    Buffer.from([ACTION_MANAGERS, managers.length << 2]),
    ...managers.map(({ owner }) => owner),
    Buffer.from([threshold]),
  ]);

const custody = async (owner) => {
  const info = await rpc(api, 'specie_owner', owner.toString('hex'));
  return Number(info.custody.find(([at]) => at === BANK)?.[1] ?? 0);
};

// Signatures of the first party's managers, as pairs of a seat and a signature.
const document = (payload, signatures) =>
  `0x${Buffer.concat([
    payload,
    Buffer.from([signatures.length << 2]),
    ...signatures.flatMap(([seat, signature]) => [Buffer.from([0, seat]), Buffer.from(signature)]),
  ]).toString('hex')}`;

const verdicts = (done) => event(done, 'orders', 'Submitted').outcomes.map(({ verdict }) => verdict.type);

test('two of three managers sign for an account that has no key', async () => {
  const person = () => ({ owner: randomBytes(24), key: key(`0x${randomBytes(32).toString('hex')}`) });
  const managers = [person(), person(), person()];
  for (const manager of managers) await register(manager);
  const [ann, ben, cid] = managers;
  const [account, expiry] = [randomBytes(24), await soon()];
  const payload = opening(account, managers, expiry);
  const rule = { managers: managers.map(({ owner }) => owner), threshold: THRESHOLD };
  const open = (signatures) => api.tx.joint.open(account, PHONE, null, rule, expiry, signatures);
  const others = [ann, cid, ben].map(({ key }) => key.sign(payload));
  await assert.rejects(send(api, open(others), bank), /BadSignature/);
  const signatures = [ann.key.sign(payload), ben.key.sign(wrap(payload)), cid.key.sign(payload)];
  await send(api, open(signatures), bank);
  const told = await rpc(api, 'specie_jointAccount', account.toString('hex'));
  assert.deepEqual([told.threshold, told.version], [THRESHOLD, 1]);
  assert.deepEqual(told.managers, managers.map(({ owner }) => owner.toString('hex')));

  const now = await rpc(api, 'specie_orderClock');
  const orders = [1, 1, 1, 1, 2].map((version) => order(account, version, now));
  const [enough, few, swapped, twice, old] = orders;
  const documents = [
    document(enough, [[0, ann.key.sign(enough)], [2, cid.key.sign(wrap(enough))]]),
    document(few, [[1, ben.key.sign(few)]]),
    document(swapped, [[0, ben.key.sign(swapped)], [1, ann.key.sign(swapped)]]),
    document(twice, [[0, ann.key.sign(twice)], [0, ann.key.sign(twice)]]),
    document(old, [[0, ann.key.sign(old)], [1, ben.key.sign(old)]]),
    document(enough, [[0, ann.key.sign(enough)], [1, ben.key.sign(enough)]]),
  ];
  const done = await send(api, api.tx.orders.submit(documents), bank);
  const expected = ['Executed', 'BadSignature', 'BadSignature', 'BadSignature', 'OtherManagers', 'AlreadyExecuted'];
  assert.deepEqual(verdicts(done), expected);

  // When: it has money. Then: two spend it, and after they changed the rule two do no more.
  await send(api, api.tx.vault.credit(BANK, MONEY), issuer);
  await send(api, api.tx.custody.credit(account, MONEY), bank);
  const payment = (version, amount) => orderOf(account, version, now, pay(cid, amount));
  const [paid, alone, late] = [payment(1, 300), payment(1, 1), payment(1, 2)];
  const [short, more] = [payment(2, 3), payment(2, 40)];
  const change = orderOf(account, 1, now, setManagers(managers, 3));
  const by = (order, ...seats) => document(order, seats.map((seat) => [seat, managers[seat].key.sign(order)]));
  const batch = [
    by(alone, 0),
    by(paid, 0, 1),
    by(paid, 1, 2),
    by(change, 1, 2),
    by(late, 0, 1),
    by(short, 0, 1),
    by(more, 0, 1, 2),
  ];
  const spent = await send(api, api.tx.orders.submit(batch), bank);
  const [refused, again] = ['BadSignature', 'AlreadyExecuted'];
  assert.deepEqual(verdicts(spent), [refused, 'Executed', again, 'Executed', 'OtherManagers', refused, 'Executed']);
  assert.deepEqual([await custody(account), await custody(cid.owner)], [MONEY - 340, 340]);
});
