// "What is stopping you now?": last time's answer is offered, Enter confirms it; a few letters complete one that is known.

import { say } from './say.js';

const TOO_SOON = 250; // ms: the second Enter of a double press on the line does not answer for the engineer

export class Stop {
  #room;
  #stops;
  #send;
  #input = document.querySelector('#stop');
  #hint = document.querySelector('#stop-hint');
  #offeredAt = 0;

  /** `send(kind, text, makeFactor)` keeps an answer. */
  constructor({ room, stops, send }) {
    this.#room = room;
    this.#stops = stops;
    this.#send = send;
    this.#input.addEventListener('input', (event) => {
      if (event.inputType?.startsWith('insert')) this.#complete();
      this.#say();
    });
    room.addEventListener('focus', () => this.#reset());
  }

  get #engineer() {
    return this.#room.engineer;
  }

  /** Ask it, with last time's answer selected: Enter confirms, typing replaces. False where it was answered already. */
  ask() {
    if (this.#engineer.asked) return false;
    this.#offeredAt = performance.now();
    this.#reset();
    this.#input.focus();
    this.#input.select();
    return true;
  }

  /** The line said it already. */
  answered(text) {
    this.#engineer.asked = true;
    this.#engineer.stop = text;
    if (text && !this.#stops.includes(text)) this.#stops.unshift(text);
    this.#reset();
  }

  /** Whether an answer was sent. */
  submit(makeFactor = false) {
    if (performance.now() - this.#offeredAt < TOO_SOON) return false;
    const typed = this.#input.value.trim().replace(/\s+/g, ' ');
    const text = this.#stops.find((stop) => stop.toLowerCase() === typed.toLowerCase()) ?? typed;
    this.#send(text ? 'blocked' : 'free', text, makeFactor && Boolean(text));
    this.answered(text);
    return true;
  }

  #reset() {
    this.#input.value = this.#engineer.stop;
    this.#say(this.#engineer.asked);
  }

  /** Complete what is typed to the first known answer that begins so, the rest selected. */
  #complete() {
    const typed = this.#input.value;
    if (!typed.trim() || this.#input.selectionEnd < typed.length) return;
    const found = this.#stops.find((stop) => stop.toLowerCase().startsWith(typed.toLowerCase()));
    if (!found) return;
    this.#input.value = found; // as it was written before, so that it is counted as the same
    this.#input.setSelectionRange(typed.length, found.length);
  }

  #say(said = false) {
    const text = this.#input.value.trim().toLowerCase();
    const known = this.#stops.some((stop) => stop.toLowerCase() === text);
    const now = said ? 'said' : !text || text === this.#engineer.stop.toLowerCase() ? 'open' : known ? 'known' : 'new';
    for (const hint of this.#hint.children) hint.hidden = hint.dataset.hint !== now;
    const { stop } = this.#engineer;
    if (said) this.#hint.querySelector('[data-hint="said"]').textContent = stop ? say('stop_saved', { text: stop }) : say('stop_free');
  }
}
