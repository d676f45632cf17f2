// Following the review: what others entered appears within seconds. Nothing that is being typed is ever replaced.

import { get } from './http.js';

const EVERY = 2000; // ms
const HIDDEN = 10_000; // in a tab that nobody looks at

export class Follow extends EventTarget {
  #url;
  #cursor;
  #timer = 0;
  #asking = null;

  constructor({ url, cursor }) {
    super();
    this.#url = url;
    this.#cursor = cursor;
    document.addEventListener('visibilitychange', () => document.hidden || this.now());
    this.#later();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), document.hidden ? HIDDEN : EVERY);
  }

  /** Ask now; one question at a time, because the cursor moves with its answer. {kind, user} of the answer. */
  now() {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
      this.#later();
    });
    return this.#asking;
  }

  async #ask() {
    const { kind, answer } = await get(`${this.#url}?after=${encodeURIComponent(this.#cursor)}`);
    if (kind !== 'found') {
      this.dispatchEvent(new CustomEvent('lost', { detail: kind }));
      return { kind };
    }
    this.#cursor = answer.cursor;
    this.dispatchEvent(new CustomEvent('news', { detail: answer }));
    return { kind, user: answer.user };
  }
}
