// A payment from the issuer's press to the payee's purse by @polkadot/api alone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { NODES, connect, event, key, rpc, send } from './network.mjs';

const BANK = 1;
const TEN = 1_000; // minor units
const COINS = 3;

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

test('the books balance', async () => {
  const report = await rpc(first, 'specie_supply');
  assert.equal(report.balanced, true);
  for (const { rule, subject, difference } of report.equalities) assert.equal(difference, '0', `${rule} of ${subject}`);
});

test('a key that nobody registered is refused', async () => {
  const stranger = key(`0x${randomBytes(32).toString('hex')}`);
  await assert.rejects(send(first, first.tx.system.remark('0x00'), stranger), /Custom error: 1$/);
});
