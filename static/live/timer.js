// How long each engineer is in focus while the page is seen. The seconds of this page only grow, so sending them twice
// does no harm.

import { newKey } from './http.js';

const SEND_EVERY = 30; // s

export class Timer {
  #room;
  #send;
  #spells = new Map(); // engineer -> {uuid, seconds, sent}
  #shown = document.querySelector('#room-timer');

  /** `send(engineer, uuid, seconds)` keeps a spell. */
  constructor({ room, send }) {
    this.#room = room;
    this.#send = send;
    setInterval(() => this.#tick(), 1000);
    room.addEventListener('focus', () => {
      this.keep();
      this.#show();
    });
    document.addEventListener('visibilitychange', () => document.hidden && this.keep());
    addEventListener('pagehide', () => this.keep());
  }

  #spell() {
    const { id } = this.#room.engineer;
    if (!this.#spells.has(id)) this.#spells.set(id, { uuid: newKey(), seconds: 0, sent: 0 });
    return this.#spells.get(id);
  }

  #tick() {
    if (document.hidden || !this.#room.engineer) return;
    const spell = this.#spell();
    spell.seconds += 1;
    if (spell.seconds - spell.sent >= SEND_EVERY) this.keep();
    this.#show();
  }

  /** Keep what has grown since. */
  keep() {
    for (const [engineer, spell] of this.#spells) {
      if (spell.seconds === spell.sent) continue;
      spell.sent = spell.seconds;
      this.#send(engineer, spell.uuid, spell.seconds);
    }
  }

  #show() {
    const { seconds } = this.#spell();
    this.#shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}
