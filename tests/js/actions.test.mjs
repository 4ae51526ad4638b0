// Custody that is ordered and held in escrow, built and signed from docs/protocol/orders.md alone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { blake2AsHex } from '@polkadot/util-crypto';
import { NODES, connect, event, key, rpc, send } from './network.mjs';

const [ACTION_CUSTODY, ACTION_HOLD, ACTION_RELEASE, ACTION_RETURN, ACTION_DISPUTE] = [1, 3, 4, 5, 6];
const PAY = 0;
const BANK = 2;
const bank = key('//BankB');
const issuer = key('//Issuing//1');
const PHONE = 1;
const WINDOW = 600;
const MONEY = 10_000;

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
const byte = (...numbers) => Buffer.from(numbers);
const amountOf = (amount) => Buffer.concat([le(amount, 6), Buffer.alloc(10)]);
const tag = (text) => Buffer.from(text.padEnd(24, '\0'));
const wrap = (bytes) => Buffer.concat([Buffer.from('<Bytes>'), bytes, Buffer.from('</Bytes>')]);
const person = () => ({ owner: randomBytes(24), key: key(`0x${randomBytes(32).toString('hex')}`) });

// See `RegistrationProof` in primitives/src/identity.rs.
const register = async ({ owner, key }) => {
  const expiry = (await api.rpc.chain.getHeader()).number.toNumber() + 100;
  const parts = [tag('specie/registration/v1'), api.genesisHash.toU8a(), owner, le(BANK, 4), key.publicKey];
  const signature = key.sign(Buffer.concat([...parts, byte(PHONE), le(expiry, 4)]));
  return send(api, api.tx.identity.register(owner, key.address, PHONE, null, expiry, signature), bank);
};

const order = (parties, now, ...action) =>
  Buffer.concat([
    tag('specie/order/v1'),
    api.genesisHash.toU8a(),
    randomBytes(16),
    le(now, 4),
    le(now + WINDOW, 4),
    byte(0, parties.length << 2),
    ...parties.flatMap(({ owner }) => [owner, le(0, 4)]),
    ...action,
  ]);

const pay = ({ owner }, amount) => [byte(ACTION_CUSTODY), le(BANK, 4), le(BANK, 4), owner, amountOf(amount), byte(0)];

// Without a contract; at its end the payee is paid.
const hold = (amount, expires) => [
  byte(ACTION_HOLD),
  le(BANK, 4),
  le(BANK, 4),
  amountOf(amount),
  le(expires, 4),
  byte(PAY, 0),
];

const part = (action, escrow, amount) => [byte(action), escrow, amountOf(amount)];

// One signature of each of these, in the places of the parties; the last one wraps what it signs, as browsers' wallets do.
const document = (payload, ...signers) => {
  const last = signers.length - 1;
  const signatures = signers.flatMap(({ key }, place) => [
    byte(place, 0),
    key.sign(place === last ? wrap(payload) : payload),
  ]);
  return `0x${Buffer.concat([payload, byte(signers.length << 2), ...signatures]).toString('hex')}`;
};

const name = (payload) => Buffer.from(blake2AsHex(payload).slice(2), 'hex');

// Verdicts; of what failed, the error's name.
const verdicts = (done) =>
  event(done, 'orders', 'Submitted').outcomes.map(({ verdict }) => {
    if (!verdict.isFailed) return verdict.type;
    return api.registry.findMetaError(verdict.asFailed.asModule).name;
  });

const custody = async ({ owner }) => {
  const info = await rpc(api, 'specie_owner', owner.toString('hex'));
  return Number(info.custody.find(([at]) => at === BANK)?.[1] ?? 0);
};

test('custody is ordered, held for somebody, released and given back', async () => {
  const [ann, ben] = [person(), person()];
  for (const one of [ann, ben]) await register(one);
  await send(api, api.tx.vault.credit(BANK, MONEY), issuer);
  await send(api, api.tx.custody.credit(ann.owner, MONEY), bank);
  const now = await rpc(api, 'specie_orderClock');
  const both = [ann, ben];

  // When: a payment, one that somebody altered, one for too much; a purchase that both signed, once each way round.
  const paid = order([ann], now, ...pay(ben, 1_000));
  const altered = Buffer.from(paid);
  altered[paid.length - 17] ^= 1;
  const signature = ann.key.sign(paid);
  const dear = order([ann], now, ...pay(ben, MONEY));
  const held = order(both, now, ...hold(4_000, now + WINDOW));
  const done = await send(
    api,
    api.tx.orders.submit([
      document(paid, ann),
      `0x${Buffer.concat([altered, byte(1 << 2, 0, 0), signature]).toString('hex')}`,
      document(dear, ann),
      document(held, ben, ann),
      document(held, ann, ben),
      document(held, ann, ben),
    ]),
    bank,
  );
  const expected = ['Executed', 'BadSignature', 'CustodyTooLow', 'BadSignature', 'Executed', 'AlreadyExecuted'];
  assert.deepEqual(verdicts(done), expected);
  assert.deepEqual([await custody(ann), await custody(ben)], [5_000, 1_000]);
  const open = () => rpc(api, 'specie_escrow', name(held).toString('hex'));
  assert.deepEqual([Number((await open()).rest), (await open()).at_expiry], [4_000, 'pay']);

  // When: the payee wants to release it, the payer wants it back alone, a part goes to the one and a part to the other.
  const escrow = name(held);
  const byBen = order([ben], now, ...part(ACTION_RELEASE, escrow, 1));
  const alone = order([ann], now, ...part(ACTION_RETURN, escrow, 1));
  const swapped = order([ben, ann], now, ...part(ACTION_RETURN, escrow, 1));
  const released = order([ann], now, ...part(ACTION_RELEASE, escrow, 2_500));
  const returned = order(both, now, ...part(ACTION_RETURN, escrow, 1_000));
  const much = order([ann], now, ...part(ACTION_RELEASE, escrow, 501));
  const disputed = order([ben], now, byte(ACTION_DISPUTE), escrow);
  const moved = await send(
    api,
    api.tx.orders.submit([
      document(byBen, ben),
      document(alone, ann),
      document(swapped, ben, ann),
      document(released, ann),
      document(released, ann),
      document(returned, ann, ben),
      document(much, ann),
      document(disputed, ben),
    ]),
    bank,
  );
  assert.deepEqual(verdicts(moved), [
    'NotPayer',
    'WrongParties',
    'NotParties',
    'Executed',
    'AlreadyExecuted',
    'Executed',
    'AmountTooHigh',
    'Executed',
  ]);
  assert.deepEqual([await custody(ann), await custody(ben)], [6_000, 3_500]);
  const rest = await open();
  assert.deepEqual([Number(rest.rest), rest.disputed_by], [500, [ben.owner.toString('hex')]]);

  // Then: the last part is released though it is disputed, and the escrow is no more.
  const last = order([ann], now, ...part(ACTION_RELEASE, escrow, 500));
  assert.deepEqual(verdicts(await send(api, api.tx.orders.submit([document(last, ann)]), ben.key)), ['Executed']);
  assert.deepEqual([await custody(ben), await open()], [4_000, null]);
});
