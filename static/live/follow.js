// Following the review: what others entered appears within seconds. Nothing that is being typed is ever replaced.

import { get } from './http.js';

const EVERY = 2000; // ms
const HIDDEN = 10_000; // in a tab that nobody looks at
const SOON = 400;

export class Follow extends EventTarget {
  #url;
  #cursor;
  #timer = 0;
  #due = Infinity;
  #asking = null;

  constructor({ url, cursor }) {
    super();
    this.#url = url;
    this.#cursor = cursor;
    document.addEventListener('visibilitychange', () => document.hidden || this.now());
    this.#later();
  }

  #later(pause = document.hidden ? HIDDEN : EVERY) {
    clearTimeout(this.#timer);
    this.#due = performance.now() + pause;
    this.#timer = setTimeout(() => this.now(), pause);
  }

  /** Ask in a moment: what is being entered now does not wait behind the question. */
  soon() {
    if (!this.#asking && performance.now() + SOON < this.#due) this.#later(SOON);
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
