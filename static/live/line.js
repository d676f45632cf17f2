// The line: what it means is shown while it is typed, and it is kept and sent at Enter.

import { wrongWithMemo } from './memo.js';
import { parse } from './parse.js';
import { make, number, say } from './say.js';

const LONGEST_STOP = 200; // characters

export class Line {
  #room;
  #send;
  #setup;
  #input = document.querySelector('#line');
  #shown = document.querySelector('#line-parse');

  /** `send(kind, fields, text, goal)` keeps an entry; `setup` has marks and the words that say nothing. */
  constructor({ room, setup, send }) {
    this.#room = room;
    this.#setup = setup;
    this.#send = send;
    this.#input.addEventListener('input', () => {
      room.keepDraft(room.engineer, this.#input.value);
      this.show();
    });
    room.addEventListener('goals', () => this.show());
    room.addEventListener('focus', () => {
      this.#input.value = room.draft(room.engineer);
      this.show();
      this.focus();
    });
  }

  get empty() {
    return !this.#input.value.trim();
  }

  focus() {
    this.#input.focus();
    const end = this.#input.value.length;
    this.#input.setSelectionRange(end, end);
  }

  /** Put a text into the line; one that is half typed is not replaced. */
  put(text) {
    if (!this.empty && text !== this.#input.value) return false;
    this.#input.value = text;
    this.#room.keepDraft(this.#room.engineer, text);
    this.show();
    this.focus();
    return true;
  }

  #read() {
    const { goals, engineer } = this.#room;
    return parse(this.#input.value, { goals, mine: engineer.goals, words: this.#setup.marks });
  }

  // ---- shown back ------------------------------------------------------------------------------------------------------

  show() {
    const read = this.#read();
    this.#input.removeAttribute('aria-invalid');
    this.#shown.classList.remove('is-wrong');
    if (read.kind === 'empty') this.#shown.replaceChildren();
    else if (read.kind === 'problem') this.#shown.replaceChildren(problemWords(read));
    else if (read.kind === 'nothing_new') this.#shown.replaceChildren(...nothingNew(read));
    else this.#shown.replaceChildren(...numberRead(read));
  }

  #refuse(words) {
    this.#shown.replaceChildren(words);
    this.#shown.classList.add('is-wrong');
    this.#input.setAttribute('aria-invalid', 'true');
    if (!/\s$/.test(this.#input.value)) this.#input.value += ' ';
    this.focus();
  }

  // ---- kept and sent ---------------------------------------------------------------------------------------------------

  /** What was sent: 'number', 'nothing_new', or '' where the line is empty or refused. */
  submit() {
    const read = this.#read();
    const text = this.#input.value.trim();
    if (read.kind === 'empty') return '';
    const wrong = this.#whatIsWrong(read);
    if (wrong) {
      this.#refuse(wrong);
      return '';
    }
    this.#input.value = '';
    this.#room.keepDraft(this.#room.engineer, '');
    this.show();
    this.#send(read, text);
    return read.kind;
  }

  /** The memo gate at once, as the server has it too. */
  #whatIsWrong(read) {
    if (read.kind === 'problem') return problemWords(read);
    const [memo, previous] = read.kind === 'number' ? [read.memo, read.goal.memo] : [read.reason, ''];
    const stop = read.kind === 'number' ? read.blocker : memo;
    if (stop.length > LONGEST_STOP) return say('long_stop', { n: LONGEST_STOP });
    const wrong = wrongWithMemo(memo, previous, this.#setup.nothing);
    if (wrong === 'blank' && read.kind === 'nothing_new') return say('reason_blank');
    return wrong ? say(wrong, { memo }) : '';
  }
}

function problemWords(read) {
  const { problem, typed = '', goal, names = [], either = [0, 0], joined = '' } = read;
  return say(problem === 'unit' && !goal.unit ? 'unit_none' : problem, {
    typed,
    joined,
    goal: goal?.name,
    unit: goal?.unit,
    names: names.join(' · '),
    low: number(either[0]),
    high: number(either[1]),
    low_plain: String(either[0]),
    high_plain: String(either[1]),
  });
}

function nothingNew({ goal, reason }) {
  return [
    make('strong', {}, goal ? goal.name : say('whole_turn')),
    make('span', { className: 'parse-value' }, say('nothing_new')),
    reason ? make('span', { className: 'parse-memo' }, reason) : make('span', { className: 'muted' }, say('reason_blank')),
  ];
}

function numberRead({ goal, value, base, change, memo, blocker }) {
  const sum = { base: number(base), sign: change < 0 ? '−' : '+', change: number(Math.abs(change ?? 0)) };
  const parts = [
    make('strong', {}, goal.name),
    make('span', { className: 'parse-value num' }, number(value, goal.unit)),
  ];
  if (change !== null) parts.push(make('span', { className: 'muted num' }, say('sum', sum)));
  if (change < 0) parts.push(make('span', { className: 'muted' }, say('below_zero', { typed: `-${Math.abs(change)}` })));
  parts.push(make('span', { className: memo ? 'parse-memo' : 'muted' }, memo || say('blank')));
  if (blocker) parts.push(make('span', { className: 'parse-stop' }, blocker));
  return parts;
}
