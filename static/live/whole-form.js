// The whole form, for what the line cannot say: another day, somebody from another team. It goes through the same queue.

import { newKey } from './http.js';
import { wrongWithMemo } from './memo.js';
import { readNumber } from './numbers.js';
import { say } from './say.js';

export function takeWholeForm({ setup, room, send }) {
  const form = document.querySelector('#entry-form');
  if (!form) return;
  const refusal = form.querySelector('[data-refusal]');
  form.addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const { csrfmiddlewaretoken: _, uuid: __, age: ___, ...fields } = Object.fromEntries(new FormData(form));
      const wrong = whatIsWrong(fields, setup, room);
      refusal.textContent = wrong;
      refusal.hidden = !wrong;
      if (wrong) return;
      send({ ...fields, value: valueOf(fields.value) });
      for (const name of ['value', 'memo', 'blocker']) form.elements[name].value = '';
      form.elements.uuid.value = newKey();
      form.elements.value.focus();
    },
    true,
  );
}

/** Whoever joined the roster since the page was made can be chosen here too; what is chosen stays. */
export function offerSpeakers(engineers) {
  const choice = document.querySelector('#entry-form select[name="engineer"]');
  if (!choice) return;
  const known = new Set([...choice.options].map((option) => option.value));
  for (const { id, name } of engineers) {
    if (!known.has(String(id))) choice.add(new Option(name, id));
  }
}

function valueOf(text) {
  const [, sign, digits] = /^\s*([-−+]?)\s*(.*?)\s*$/.exec(text);
  const read = readNumber(digits);
  return read?.value === undefined ? null : sign === '' || sign === '+' ? read.value : -read.value;
}

function whatIsWrong({ goal, engineer, value, memo }, setup, room) {
  if (!engineer) return say('whole_engineer');
  if (!goal) return say('which', { names: '' });
  const read = readNumber(value.replace(/^\s*[-−+]?\s*/, '').trim());
  if (read?.either) {
    const [low, high] = read.either;
    return say('either', { typed: value, low, high, low_plain: low, high_plain: high });
  }
  if (valueOf(value) === null) return say('not_a_number', { typed: value });
  const wrong = wrongWithMemo(memo, room.goal(Number(goal))?.memo ?? '', setup.nothing);
  return wrong ? say(wrong, { memo }) : '';
}
