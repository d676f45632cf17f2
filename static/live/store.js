// Where entries wait until the server has them: an object store of this browser, in the order in which they were made.
// It survives a closed tab and a crash. Every record has its owner, the login under which it was made.

const NAME = 'limiting-factor';

function asPromise(request) {
  return new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    const entries = request.result.createObjectStore('outbox', { keyPath: 'n', autoIncrement: true });
    entries.createIndex('uuid', 'uuid', { unique: true });
  };
  return asPromise(request);
}

/** The outbox, and whether it outlives this page: a private window may keep nothing. */
export async function openStore() {
  try {
    return { store: new Outbox(await open()), lasting: true };
  } catch {
    return { store: new Memory(), lasting: false };
  }
}

class Outbox {
  constructor(database) {
    this.database = database;
  }

  /** Run `work(entries)` in one transaction, which is on the disk when the promise is kept (`strict`). */
  async #write(work, durability = 'strict') {
    const transaction = this.database.transaction('outbox', 'readwrite', { durability });
    const kept = new Promise((done, failed) => {
      transaction.oncomplete = done;
      transaction.onabort = () => failed(transaction.error);
    });
    const result = await work(transaction.objectStore('outbox'));
    await kept;
    return result;
  }

  /** All records, oldest first. */
  all() {
    return asPromise(this.database.transaction('outbox').objectStore('outbox').getAll());
  }

  add(record) {
    return this.#write((entries) => asPromise(entries.add(record)));
  }

  /** Change the record of the same key by `change(record)`, or add this one: two at once make one. */
  put(record, change) {
    return this.#write(async (entries) => {
      const known = await asPromise(entries.index('uuid').get(record.uuid));
      if (known) change(known);
      await asPromise(known ? entries.put(known) : entries.add(record));
    });
  }

  /** Change the record of this key by `change(record)`, which returns false to leave it and null to remove it. */
  update(uuid, change, durability) {
    return this.#write(async (entries) => {
      const record = await asPromise(entries.index('uuid').get(uuid));
      const wanted = record ? change(record) : false;
      if (wanted === null) await asPromise(entries.delete(record.n));
      else if (wanted !== false) await asPromise(entries.put(record));
      return Boolean(record) && wanted !== false;
    }, durability);
  }
}

/** The same, for as long as the page lives. */
class Memory {
  #records = new Map();
  #n = 0;

  async all() {
    return structuredClone([...this.#records.values()]);
  }

  async add(record) {
    this.#records.set(record.uuid, { ...structuredClone(record), n: ++this.#n });
  }

  async put(record, change) {
    const known = this.#records.get(record.uuid);
    if (known) change(known);
    else await this.add(record);
  }

  async update(uuid, change) {
    const record = this.#records.get(uuid);
    const wanted = record ? change(record) : false;
    if (wanted === null) this.#records.delete(uuid);
    return Boolean(record) && wanted !== false;
  }
}
