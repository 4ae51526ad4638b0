// Payment codes that are built and signed from docs/protocol/codes.md alone, scanned in orders that a bank brings.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { blake2AsHex } from '@polkadot/util-crypto';
import { NODES, connect, event, key, rpc, send } from './network.mjs';

// Another bank than those of the other tests, which may run at the same time.
const BANK = 3;
const bank = key('//BankC');
const issuer = key('//Issuing//2');
const PHONE = 1;
const LIFE = 300;
const MONEY = 10_000;
const PRICE = 1_860;
// Flags of a code.
const [VERSION, PAYEE, REUSABLE, AMOUNT, END] = [0x10, 1, 2, 4, 8];

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

// Numbers from 64 to 16 383, and small ones.
const short = (number) => (number < 64 ? le(number * 4, 1) : le(number * 4 + 1, 2));

const tag = (text) => Buffer.from(text.padEnd(24, '\0'));

const person = () => ({ owner: randomBytes(24), key: key(`0x${randomBytes(32).toString('hex')}`) });

// See `RegistrationProof` in primitives/src/identity.rs.
const register = async ({ owner, key }) => {
  const expiry = (await api.rpc.chain.getHeader()).number.toNumber() + 100;
  const parts = [tag('specie/registration/v1'), api.genesisHash.toU8a(), owner, le(BANK, 4), key.publicKey];
  const signature = key.sign(Buffer.concat([...parts, Buffer.from([PHONE]), le(expiry, 4)]));
  return send(api, api.tx.identity.register(owner, key.address, PHONE, null, expiry, signature), bank);
};

const code = (flags, { owner }, amount, until) =>
  Buffer.concat([
    Buffer.from([VERSION | flags | (until === null ? 0 : END) | (amount === null ? 0 : AMOUNT)]),
    owner,
    short(BANK),
    amount === null ? Buffer.alloc(0) : short(amount),
    until === null ? Buffer.alloc(0) : le(until, 4),
    randomBytes(8),
  ]);

const payloadOf = (bytes) => Buffer.concat([tag('specie/payment-code/v1'), api.genesisHash.toU8a(), bytes]);

const signCode = (bytes, { key }) => key.sign(payloadOf(bytes));

const wrap = (bytes) => Buffer.concat([Buffer.from('<Bytes>'), bytes, Buffer.from('</Bytes>')]);

const scan = (bytes, signature, { owner }, amount) =>
  Buffer.concat([
    Buffer.from([8]),
    short(bytes.length),
    bytes,
    signature ? Buffer.concat([Buffer.from([1]), signature]) : Buffer.from([0]),
    owner,
    le(BANK, 4),
    amount === null ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), le(amount, 6), Buffer.alloc(10)]),
  ]);

// An order of one party, with its signature; or of nobody.
const order = (action, party, now) => {
  const payload = Buffer.concat([
    tag('specie/order/v1'),
    api.genesisHash.toU8a(),
    randomBytes(16),
    le(now, 4),
    le(now + LIFE, 4),
    Buffer.from([0]),
    party ? Buffer.concat([Buffer.from([4]), party.owner, le(0, 4)]) : Buffer.from([0]),
    action,
  ]);
  const signature = party ? Buffer.concat([Buffer.from([4, 0, 0]), party.key.sign(payload)]) : Buffer.from([0]);
  return { name: blake2AsHex(payload), bytes: `0x${Buffer.concat([payload, signature]).toString('hex')}` };
};

const custody = async ({ owner }) => {
  const info = await rpc(api, 'specie_owner', owner.toString('hex'));
  return Number(info.custody.find(([at]) => at === BANK)?.[1] ?? 0);
};

// Verdicts; of what failed, the error's name.
const verdictsOf = (done) =>
  event(done, 'orders', 'Submitted').outcomes.map(({ verdict }) => {
    if (!verdict.isFailed) return verdict.type;
    return api.registry.findMetaError(verdict.asFailed.asModule).name;
  });

test('codes built from the specification pay what the payer saw', async () => {
  // First of all: another test needs this key later on.
  await send(api, api.tx.vault.credit(BANK, MONEY), issuer);
  const [ann, ben] = [person(), person()];
  await register(ann);
  await register(ben);
  await send(api, api.tx.custody.credit(ann.owner, MONEY), bank);
  const now = await rpc(api, 'specie_orderClock');
  const until = now + LIFE;

  const shown = code(PAYEE, ben, PRICE, until);
  const offered = code(0, ann, PRICE, until);
  const open = code(0, ann, null, until);
  const dear = Buffer.from(offered);
  dear[26] ^= 4;
  const orders = [
    // Ben's code, which he signed or not, scanned by Ann; once.
    order(scan(shown, signCode(shown, ben), ann, null), ann, now),
    order(scan(shown, null, ann, null), ann, now),
    // Ann's code, scanned by Ben: as it is, for another amount, altered.
    order(scan(dear, signCode(offered, ann), ben, null), ben, now),
    order(scan(offered, signCode(offered, ann), ben, PRICE + 1), ben, now),
    order(scan(offered, signCode(offered, ann), ben, null), ben, now),
    // Her code without an amount waits for her.
    order(scan(open, signCode(open, ann), ben, 100), ben, now),
    // Nobody signed.
    order(scan(code(PAYEE, ben, PRICE, until), null, ann, null), null, now),
  ];
  const done = await send(api, api.tx.orders.submit(orders.map(({ bytes }) => bytes)), bank);
  const expected = ['Executed', 'CodeUsed', 'BadCodeSignature', 'AmountDiffers', 'Executed', 'Executed', 'NobodySigned'];
  assert.deepEqual(verdictsOf(done), expected);
  assert.deepEqual([await custody(ann), await custody(ben)], [MONEY - 2 * PRICE, 2 * PRICE]);

  // The payment that waits has the order's name; Ann confirms it by an order.
  const [waiting] = await rpc(api, 'specie_pendingPayments', ann.owner.toString('hex'));
  assert.deepEqual([`0x${waiting.payment}`, waiting.amount], [orders[5].name, 100]);
  const answer = Buffer.concat([Buffer.from([9]), Buffer.from(waiting.payment, 'hex'), Buffer.from([1])]);
  const answers = [order(answer, ben, now), order(answer, ann, now)].map(({ bytes }) => bytes);
  const answered = await send(api, api.tx.orders.submit(answers), bank);
  const verdicts = event(answered, 'orders', 'Submitted').outcomes.map(({ verdict }) => verdict.type);
  assert.deepEqual(verdicts, ['Failed', 'Executed']);
  assert.equal(await custody(ben), 2 * PRICE + 100);

  // A code that he signed as a browser's wallet would, in an order that nobody signed, waits. A sticker that nobody signed is
  // an address: its scanner says how much. A code that is signed has an end.
  const [wrapped, sticker] = [code(PAYEE, ben, 200, until), code(PAYEE | REUSABLE, ben, null, null)];
  const endless = code(0, ann, 200, null);
  const scans = [
    order(scan(wrapped, ben.key.sign(wrap(payloadOf(wrapped))), ann, null), null, now),
    order(scan(sticker, null, ann, 30), ann, now),
    order(scan(sticker, null, ann, 40), ann, now),
    order(scan(sticker, null, ann, null), ann, now),
    order(scan(endless, signCode(endless, ann), ben, null), ben, now),
  ];
  const more = await send(api, api.tx.orders.submit(scans.map(({ bytes }) => bytes)), bank);
  assert.deepEqual(verdictsOf(more), ['Executed', 'Executed', 'Executed', 'NoAmount', 'CodeTooLong']);
  assert.equal(await custody(ben), 2 * PRICE + 100 + 30 + 40);
  const pending = await rpc(api, 'specie_pendingPayments', ben.owner.toString('hex'));
  assert.deepEqual(pending.map(({ payment, amount }) => [`0x${payment}`, amount]), [[scans[0].name, 200]]);
});
