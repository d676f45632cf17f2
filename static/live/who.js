// The head of the room: who is in focus, what they report on, and how it is said.

import { day, make, number, say } from './say.js';

const $ = (selector) => document.querySelector(selector);

export function showWho(room) {
  $('#room-name').textContent = room.engineer.name;
  $('#room-team').textContent = room.engineer.team;
  showManner(room);
}

/** The open goals this engineer reports on, with the last value. A press puts the name into the line. */
export function showGoals(room, pick) {
  if (!room.engineer) return;
  const all = room.engineer.goals.map((id) => room.goal(id)).filter(Boolean);
  const open = all.filter((goal) => !goal.done || goal.said);
  const goals = open.length ? open : all;
  $('#room-goals').replaceChildren(
    ...goals.map((goal) => {
      const last = goal.value === null ? say('no_value') : say('last', { value: number(goal.value, goal.unit), day: goal.on ? day(goal.on) : '' });
      const button = make('button', { type: 'button', className: goal.said ? 'room-goal is-said' : 'room-goal' }, make('span', {}, goal.name), make('span', { className: 'muted num' }, last));
      button.addEventListener('click', () => pick(goal));
      return make('li', {}, button);
    }),
  );
}

export function showManner(room) {
  for (const button of document.querySelectorAll('[data-level]')) {
    button.setAttribute('aria-pressed', String(button.dataset.level === room.level));
  }
  $('[data-do="prepared"]').setAttribute('aria-pressed', String(room.prepared));
}
