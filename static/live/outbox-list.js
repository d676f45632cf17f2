// What is not saved yet, one line each: waiting, saving, or not saved with the reason, the text and a way on.

import { make, say } from './say.js';

const WHY = { 403: 'not_allowed', 404: 'not_found', 500: 'server_fault' };

export class OutboxList {
  #queue;
  #review;
  #edit;
  #list = document.querySelector('#outbox');
  #state = document.querySelector('#queue-state');
  #drawn = Promise.resolve();

  /** `edit(record)` puts a refused entry back into the line. */
  constructor({ queue, review, edit }) {
    this.#queue = queue;
    this.#review = review;
    this.#edit = edit;
    queue.addEventListener('changed', () => this.draw());
    this.draw();
  }

  /** One drawing after the other, so that an older state never covers a newer one. */
  draw() {
    this.#drawn = this.#drawn.then(() => this.#draw());
    return this.#drawn;
  }

  async #draw() {
    const { mine, foreign } = await this.#queue.list();
    const entries = mine.filter((record) => record.action !== 'spell');
    const here = entries.filter((record) => record.review === this.#review);
    const lines = here.map((record) => this.#line(record));
    const elsewhere = entries.length - here.length;
    if (elsewhere) lines.push(make('li', { className: 'muted small' }, say('elsewhere', { n: elsewhere })));
    if (foreign) lines.push(make('li', { className: 'muted small' }, say('foreign', { n: foreign })));
    this.#list.replaceChildren(...lines);
    const refused = here.filter((record) => record.state === 'refused').length;
    const waiting = here.length - refused;
    this.#state.textContent =
      [waiting ? say('n_waiting', { n: waiting }) : '', refused ? say('n_refused', { n: refused }) : ''].filter(Boolean).join(' · ') ||
      say('all_saved');
    this.#state.dataset.state = refused ? 'refused' : waiting ? 'waiting' : 'saved';
  }

  #line(record) {
    const { uuid, state, shown, message, status } = record;
    const why = state === 'refused' ? message || say(WHY[status] ?? 'too_large') : '';
    return make(
      'li',
      { className: `outbox-entry is-${state}`, id: `outbox-${uuid}` },
      make('span', { className: 'outbox-state' }, say(state)),
      make('span', { className: 'outbox-text' }, make('strong', {}, shown.engineer), ' ', shown.text),
      why ? make('span', { className: 'outbox-why' }, why) : '',
      ...(state === 'refused' ? this.#ways(record) : []),
    );
  }

  #ways(record) {
    const button = (name, act) => {
      const made = make('button', { type: 'button', className: 'btn btn-secondary btn-sm' }, say(name));
      made.addEventListener('click', act);
      return made;
    };
    const ways = [button('retry', () => this.#queue.retry(record.uuid)), button('drop', () => this.#queue.drop(record.uuid))];
    if (record.action !== 'undo') ways.unshift(button('edit', () => this.#edit(record)));
    return ways;
  }
}
