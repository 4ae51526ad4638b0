// A payment from the issuer's press to the payee's purse by @polkadot/api alone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { blake2AsHex } from '@polkadot/util-crypto';
import { NODES, connect, event, key, rpc, send } from './network.mjs';

const BANK = 1;
const TEN = 1_000; // minor units
const COINS = 3;
const ACTION_COINS = 0;
// Blocks in which an order can be executed.
const WINDOW = 600;

const issuing = [key('//Issuing//1'), key('//Issuing//2')];
const bank = key('//BankA');
// Fresh owners, so that the test can run again on the same network.
const person = () => ({ owner: `0x${randomBytes(24).toString('hex')}`, key: key(`0x${randomBytes(32).toString('hex')}`) });
const ann = person();
const ben = person();

let first;
let other;

before(async () => {
  first = await connect(NODES[0]);
  other = await connect(NODES.at(-1));
});
after(async () => {
  await first?.disconnect();
  await other?.disconnect();
});

const le32 = (number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
};

// Its place among the classes of owners.
const PHONE = 1;

// See `RegistrationProof` in primitives/src/identity.rs.
const register = async (api, { owner, key }) => {
  const expiry = (await api.rpc.chain.getHeader()).number.toNumber() + 100;
  const payload = Buffer.concat([
    Buffer.from('specie/registration/v1\0\0'),
    api.genesisHash.toU8a(),
    Buffer.from(owner.slice(2), 'hex'),
    le32(BANK),
    key.publicKey,
    Buffer.from([PHONE]),
    le32(expiry),
  ]);
  return send(api, api.tx.identity.register(owner, key.address, PHONE, null, expiry, key.sign(payload)), bank);
};

const holdings = (api, { owner }) => rpc(api, 'specie_holdings', { owner: owner.slice(2) });

// The index follows final blocks, and one node may learn a little later than another what is final: waits for a block
// that some node reported final.
const holdingsAt = async (api, who, number) => {
  for (;;) {
    const found = await holdings(api, who);
    if (found.block.number >= number) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

const numberOf = async (api, block) => (await api.rpc.chain.getHeader(block)).number.toNumber();

const asArgument = ({ coin, revision }) => {
  const [batch, index] = coin.split('-').map(Number);
  return { coin: { batch, index }, revision };
};

test('a signed remark becomes final and costs nothing', async () => {
  const remark = first.tx.system.remark('0x53706563696520');
  const { partialFee } = await remark.paymentInfo(bank);
  assert.equal(partialFee.toBigInt(), 0n);
  const { block } = await send(first, remark, bank);
  const header = await first.rpc.chain.getHeader(block);
  const canonical = await first.rpc.chain.getBlockHash(header.number.unwrap());
  assert.equal(canonical.toHex(), block.toHex());
});

test('the network says what it is', async () => {
  assert.equal(first.registry.chainDecimals[0], 2);
  assert.equal(first.registry.chainTokens[0], 'SPC');
  assert.equal(first.registry.chainSS58, 42);
  for (const pallet of ['participants', 'identity', 'issuance', 'vault', 'ownership', 'custody', 'limits', 'audit']) {
    assert.ok(first.query[pallet] ?? first.tx[pallet], `no pallet ${pallet} in the metadata`);
  }
});

test('wallets are told the key of owner ids, which is in the state, and where the identity service is', async () => {
  const { owner_id_key: key, identity_service: service } = await rpc(first, 'specie_network');
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.equal((await first.query.identity.ownerIdKey()).toHex(), `0x${key}`);
  const said = await (await fetch(`${service}/v1/key`)).json();
  assert.equal(said.key, key);
});

test('coins are minted, drawn, taken out and paid', async () => {
  const value = TEN * COINS;
  const fresh = { fresh: [{ denomination: TEN, count: COINS }], coins: [] };

  // Given: a bank with coins, two owners, one of them with coins.
  await send(first, first.tx.vault.credit(BANK, value), issuing[0]);
  const proposed = await send(first, first.tx.issuance.proposeMint(TEN, COINS), issuing[0]);
  const { proposal } = event(proposed, 'issuance', 'MintProposed');
  await send(first, first.tx.issuance.approveMint(proposal), issuing[1]);
  await send(first, first.tx.vault.draw(fresh), bank);
  await register(first, ann);
  await register(first, ben);
  await send(first, first.tx.custody.credit(ann.owner, value), bank);
  const { block } = await send(first, first.tx.custody.withdraw(BANK, fresh), ann.key);
  const before = await holdingsAt(first, ann, await numberOf(first, block));
  assert.equal(before.count, COINS);
  assert.equal(Number(before.total), value);
  assert.ok(before.coins.every(({ denomination }) => Number(denomination) === TEN));

  // When: she pays two of them by another bank's node.
  const paid = before.coins.slice(0, 2);
  await holdingsAt(other, ann, before.block.number);
  const payment = other.tx.ownership.transfer(ben.owner, paid.map(asArgument));
  const fee = await rpc(other, 'payment_queryInfo', (await payment.signAsync(ann.key)).toHex());
  assert.equal(Number(fee.partialFee), 0);
  const done = await send(other, other.tx.ownership.transfer(ben.owner, paid.map(asArgument)), ann.key);

  // Then: they are his, with the next revision; she kept the third.
  const number = await numberOf(other, done.block);
  const left = await holdingsAt(first, ann, number);
  const got = await holdingsAt(first, ben, number);
  assert.deepEqual(left.coins.map(({ coin }) => coin), before.coins.slice(2).map(({ coin }) => coin));
  assert.deepEqual(
    got.coins.map(({ coin, revision }) => [coin, revision]).sort(),
    paid.map(({ coin, revision }) => [coin, revision + 1]).sort(),
  );

  // And: the same payment cannot be made again.
  await assert.rejects(
    send(other, other.tx.ownership.transfer(ben.owner, paid.map(asArgument)), ann.key),
    /ownership\.NotHolder/,
  );
});

test('a coin is paid by an order that the payee brings', async () => {
  // Given: the coin that she kept, and an order for it by docs/protocol/orders.md.
  const [coin] = (await holdings(first, ann)).coins;
  const [batch, index] = coin.coin.split('-').map(Number);
  const now = await rpc(first, 'specie_orderClock');
  const bytes = (text) => Buffer.from(text.slice(2), 'hex');
  const payload = Buffer.concat([
    Buffer.from('specie/order/v1'.padEnd(24, '\0')),
    first.genesisHash.toU8a(),
    randomBytes(16),
    le32(now),
    le32(now + WINDOW),
    Buffer.from([0]),
    Buffer.concat([Buffer.from([1 << 2]), bytes(ann.owner), le32(0)]),
    Buffer.concat([Buffer.from([ACTION_COINS]), bytes(ben.owner), Buffer.from([1 << 2])]),
    Buffer.concat([le32(batch), le32(index), le32(coin.revision)]),
  ]);
  const document = (message, by) =>
    `0x${Buffer.concat([payload, Buffer.from([1 << 2, 0, 0]), by.key.sign(message)]).toString('hex')}`;
  const wrapped = Buffer.concat([Buffer.from('<Bytes>'), payload, Buffer.from('</Bytes>')]);
  const name = blake2AsHex(payload).slice(2);
  const verdict = async (api, order, by) => {
    const done = await send(api, api.tx.orders.submit([order]), by.key);
    return [event(done, 'orders', 'Submitted').outcomes[0].verdict.type, await numberOf(api, done.block)];
  };

  // When: he signs it himself. Then: it is nothing. When: she does, as a browser's wallet would. Then: he has the coin.
  assert.equal((await verdict(other, document(payload, ben), ben))[0], 'BadSignature');
  const [came, block] = await verdict(other, document(wrapped, ann), ben);
  assert.equal(came, 'Executed');
  const [left, got] = [await holdingsAt(first, ann, block), await holdingsAt(first, ben, block)];
  assert.equal(left.count, 0);
  const found = got.coins.find((held) => held.coin === coin.coin);
  assert.equal(found.revision, coin.revision + 1);

  // And: the record has it under the order's name, and nobody is paid again by a copy that is signed anew.
  const { records } = await rpc(first, 'specie_records', { order_id: name });
  assert.deepEqual(records.map(({ order, coins }) => [order, coins]), [[name, [coin.coin]]]);
  assert.equal((await verdict(first, document(payload, ann), ann))[0], 'AlreadyExecuted');
});

test('the books balance', async () => {
  const report = await rpc(first, 'specie_supply');
  assert.equal(report.balanced, true);
  for (const { rule, subject, difference } of report.equalities) assert.equal(difference, '0', `${rule} of ${subject}`);
});

test('a key that nobody registered is refused', async () => {
  const stranger = key(`0x${randomBytes(32).toString('hex')}`);
  await assert.rejects(send(first, first.tx.system.remark('0x00'), stranger), /Custom error: 1$/);
});
