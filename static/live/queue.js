// The queue: an entry is kept in the browser and sent, and forgotten only when the server says that it has it. Where
// nothing waits before it, both begin at once: the disk is not waited for, and whichever is first, its key makes it one row.
// States: waiting, saving, refused. One tab sends at a time; two would do no harm, for the same reason.

import { ageOf, stamp } from './age.js';
import { newKey, post } from './http.js';

const PAUSES = [500, 1000, 2000, 4000, 8000, 15_000]; // ms before another try
const MOST_FAULTS = 5; // of the server, one after the other, until an entry stands aside for those behind it

export class Queue extends EventTarget {
  #store;
  #owner;
  #renew;
  #running = null;
  #again = false;
  #empty = false; // nothing waited here when this tab looked last
  #failures = 0;
  #timer = 0;
  #channel = new BroadcastChannel('limiting-factor-outbox');

  /** `renew()` fetches a fresh token and says whose session this is: {kind, user}. */
  constructor({ store, owner, renew }) {
    super();
    this.#store = store;
    this.#owner = owner;
    this.#renew = renew;
    this.#channel.onmessage = () => this.#changed(false);
    addEventListener('online', () => this.flush());
    setInterval(() => this.flush(), PAUSES.at(-1)); // what a tab that was closed left behind
  }

  // ---- keeping -------------------------------------------------------------------------------------------------------

  /** Keep an entry and begin to send it. The promise is kept when it is safe in this browser. */
  async add(entry) {
    const record = this.#record(entry);
    const first = this.#empty && !this.#running;
    if (first) Object.assign(record, { state: 'saving', tries: 1 });
    const kept = this.#store.add(record);
    if (first) this.flush({ record, kept, posted: this.#post(record) });
    await kept;
    this.#empty &&= first;
    this.#changed();
    if (!first) this.flush();
    return record.uuid;
  }

  #record({ review, action, url, fields, shown }) {
    const said = { uuid: fields.uuid ?? newKey(), owner: this.#owner, review, action, url, fields, shown };
    return { ...said, made: stamp(), state: 'waiting', tries: 0, faults: 0, message: '' };
  }

  /** Keep the newest state of what only grows, such as a turn's seconds. */
  async replace(entry) {
    await this.#store.put(this.#record(entry), (known) => Object.assign(known, { fields: entry.fields, state: 'waiting' }));
    this.flush();
  }

  /** Entries of this login, oldest first; and how many wait here for another one. */
  async list() {
    const all = await this.#store.all();
    const mine = all.filter((record) => record.owner === this.#owner);
    const foreign = all.filter((record) => record.owner !== this.#owner && record.action !== 'spell').length;
    return { mine, foreign };
  }

  /** Forget an entry that the server cannot have seen; false where it may have. */
  async drop(uuid) {
    const dropped = await this.#store.update(uuid, (record) => (record.state === 'refused' || !record.tries ? null : false));
    if (dropped) this.#changed();
    return dropped;
  }

  async retry(uuid) {
    await this.#store.update(uuid, (record) => Object.assign(record, { state: 'waiting', faults: 0, message: '' }));
    this.#changed();
    this.flush();
  }

  // ---- sending -------------------------------------------------------------------------------------------------------

  /** Send what waits, in order. While it is being sent, another call makes it look once more. */
  flush(begun = null) {
    this.#again = true;
    clearTimeout(this.#timer);
    this.#running ??= this.#drain(begun).finally(() => (this.#running = null));
    return this.#running;
  }

  /** `begun`: an entry that is being kept and sent already. */
  async #drain(begun) {
    if (begun && !(await this.#alone(() => this.#settle(begun.record, begun.posted, begun.kept)))) return;
    while (this.#again) {
      this.#again = false;
      await this.#alone(() => this.#sendAll());
    }
  }

  #alone(work) {
    return navigator.locks ? navigator.locks.request(`outbox-${this.#owner}`, work) : work();
  }

  async #sendAll() {
    for (;;) {
      const { mine } = await this.list();
      const open = mine.filter((record) => record.state !== 'refused');
      this.#empty = !open.length;
      // What somebody said does not wait for how long they spoke.
      const next = open.find((record) => record.action !== 'spell') ?? open[0];
      if (!next) return;
      if (!(await this.#send(next))) return;
    }
  }

  /** Send one; whether to go on with those behind it. */
  async #send(record) {
    const marked = await this.#store.update(record.uuid, (held) => Object.assign(held, { state: 'saving', tries: held.tries + 1 }));
    if (!marked) return true; // taken back meanwhile
    this.#changed();
    return this.#settle(record, this.#post(record));
  }

  /** What the answer to one means for it; whether to go on. What is said is shown before the disk has forgotten it. */
  async #settle(record, posted, kept = null) {
    let result = await posted;
    if (result.kind === 'forbidden') result = await this.#withFreshToken(record);
    if (result.kind === 'saved') this.#tell('saved', { record, answer: result.answer });
    await kept;
    switch (result.kind) {
      case 'saved':
        this.#failures = 0;
        await this.#forget(record);
        return true;
      case 'refused':
        this.#failures = 0;
        await this.#setAside(record, result.answer?.message ?? '', result.status ?? 403);
        return true;
      case 'broken':
        if (record.faults + 1 >= MOST_FAULTS) {
          await this.#setAside(record, '', 500);
          return true;
        }
        return this.#wait(record, record.faults + 1);
      default:
        if (result.kind !== 'no-answer') this.#tell(result.kind);
        return this.#wait(record, record.faults, result.kind === 'no-answer');
    }
  }

  #post(record) {
    const age = ageOf(record.made);
    return post(record.url, { ...record.fields, age: age ?? 'unknown', owner: record.owner });
  }

  async #withFreshToken(record) {
    const { kind, user } = await this.#renew();
    if (kind !== 'found') return { kind };
    if (user !== this.#owner) return { kind: 'other' };
    const again = await this.#post(record);
    return again.kind === 'forbidden' ? { kind: 'refused', status: 403 } : again;
  }

  /** Saved; unless it grew while it was being sent, then it goes once more. Forgotten in vain, it is sent in vain. */
  #forget(record) {
    const sent = JSON.stringify(record.fields);
    const forget = (held) => (JSON.stringify(held.fields) === sent ? null : Object.assign(held, { state: 'waiting' }));
    return this.#store.update(record.uuid, forget, 'relaxed').then(() => this.#changed());
  }

  async #setAside(record, message, status) {
    await this.#store.update(record.uuid, (held) => Object.assign(held, { state: 'refused', message, status }));
    this.#changed();
    this.#tell('refused', { record, message });
  }

  async #wait(record, faults, soon = true) {
    this.#empty = false;
    await this.#store.update(record.uuid, (held) => Object.assign(held, { state: 'waiting', faults }));
    this.#changed();
    const pause = soon ? PAUSES[Math.min(this.#failures++, PAUSES.length - 1)] : PAUSES.at(-1);
    this.#timer = setTimeout(() => this.flush(), pause * (0.75 + Math.random() / 2));
    return false;
  }

  // ---- telling -------------------------------------------------------------------------------------------------------

  #changed(here = true) {
    this.#tell('changed');
    if (here) this.#channel.postMessage('changed');
  }

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
