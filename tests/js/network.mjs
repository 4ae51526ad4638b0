// What the tests share: connections, keys, and one way to send and wait.
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import assert from 'node:assert/strict';

// Nodes of a local network, as scripts/testnet runs it.
export const NODES = (process.env.SPECIE_WS ?? '').split(',').filter(Boolean);
assert.ok(NODES.length > 0, 'SPECIE_WS holds no address of a node; npm test starts a network and sets it');

// Time for a transaction to become final. One that is not answered for so long was lost.
const FINAL_MS = 180_000;

// No types, no custom RPC: whatever is known comes from the chain's metadata.
const providers = new WeakMap();
export const connect = async (url) => {
  const provider = new WsProvider(url);
  const api = await ApiPromise.create({ provider, noInitWarn: true });
  providers.set(api, provider);
  return api;
};

export const key = (uri) => new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(uri);

export const rpc = (api, method, ...params) => providers.get(api).send(method, params);

// What a failed dispatch says of itself.
const explain = (api, error) => {
  if (!error.isModule) return error.toString();
  const { section, name, docs } = api.registry.findMetaError(error.asModule);
  return `${section}.${name}: ${docs.join(' ')}`;
};

const attempt = (api, tx, signer) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${tx.method.section}.${tx.method.method} is not final`)), FINAL_MS);
    const end = (settle, value) => {
      clearTimeout(timer);
      settle(value);
    };
    tx.signAndSend(signer, ({ status, dispatchError, events, txHash }) => {
      if (dispatchError) end(reject, new Error(explain(api, dispatchError)));
      else if (status.isFinalized) end(resolve, { block: status.asFinalized, hash: txHash, events });
      else if (status.isInvalid || status.isDropped || status.isUsurped) end(reject, new Error(`${status.type}`));
    }).catch((error) => end(reject, error));
  });

// Tests may run at the same time and share the key of an institution: another one had the same nonce, and was first.
const OVERTAKEN = /^1014:|Transaction is outdated/;

// Signs, sends and waits: resolves with the final block's hash and the events, rejects with what went wrong.
export const send = async (api, tx, signer) => {
  for (;;) {
    try {
      return await attempt(api, tx, signer);
    } catch (error) {
      if (!OVERTAKEN.test(error.message)) throw error;
    }
  }
};

export const event = ({ events }, section, method) => {
  const found = events.find(({ event }) => event.section === section && event.method === method);
  assert.ok(found, `no event ${section}.${method}`);
  return found.event.data;
};
