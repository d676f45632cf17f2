// The live review. Entries: queue.js keeps and sends them, line.js and stop.js take them, follow.js shows what others enter.

import { dropRow, showRow, strikeRow } from './entries.js';
import { Follow } from './follow.js';
import { newKey } from './http.js';
import { listenToKeys } from './keys.js';
import { Line } from './line.js';
import { Notice } from './notice.js';
import { OutboxList } from './outbox-list.js';
import { Queue } from './queue.js';
import { Room } from './room.js';
import { isWaiting, replaceRoster, showFocus } from './roster.js';
import { make, number, say, useWords } from './say.js';
import { openStore } from './store.js';
import { Stop } from './stop.js';
import { Timer } from './timer.js';
import { showGoals, showManner, showWho } from './who.js';
import { offerSpeakers, takeWholeForm } from './whole-form.js';

const $ = (selector) => document.querySelector(selector);
const setup = JSON.parse($('#live-data').textContent);
useWords(setup.words);

const { review, urls, user } = setup;
const room = new Room(setup);
const follow = new Follow({ url: urls.changes, cursor: setup.cursor });
const { store, lasting } = await openStore();
const queue = new Queue({ store, owner: user, renew: () => follow.now() });
const notice = new Notice({ signInUrl: urls.signIn, onSignedIn: () => Promise.all([follow.now(), queue.flush()]) });
const done = []; // what was entered on this page, the newest last: what undo takes back

// ---- entering ------------------------------------------------------------------------------------------------------------

async function enter(action, url, fields, text) {
  const key = newKey();
  const entry = { review, action, url, fields: { uuid: key, ...fields }, shown: { engineer: room.find(fields.engineer)?.name ?? '', text, engineerId: fields.engineer } };
  const goal = room.goal(Number(fields.goal));
  const before = goal && { id: goal.id, value: goal.value, memo: goal.memo, said: goal.said };
  const inLine = !['blocked', 'free'].includes(fields.kind);
  done.push({ key, text, engineer: fields.engineer, inLine, answers: !inLine || Boolean(fields.blocker), before });
  await queue.add(entry);
}

const line = new Line({
  room,
  setup,
  send(read, text) {
    const common = { engineer: room.engineer.id };
    if (read.kind === 'nothing_new') {
      enter('say', urls.say, { ...common, kind: 'nothing_new', text: read.reason, goal: read.goal?.id ?? '' }, text);
      if (read.goal) room.learn([{ id: read.goal.id }]);
      return;
    }
    const { goal, value, memo, blocker } = read;
    const prepared = room.prepared ? 'on' : '';
    room.engineer.last = goal.id;
    enter('log', urls.log, { ...common, goal: goal.id, value, memo, blocker, level: room.level, prepared }, text);
    if (blocker) stop.answered(blocker);
    room.learn([{ id: goal.id, value, memo }]); // the next "+3" counts from here
  },
});

const stop = new Stop({
  room,
  stops: setup.stops,
  send(kind, text, makeFactor) {
    const fields = { engineer: room.engineer.id, kind, text, goal: room.engineer.last ?? '', make_factor: makeFactor ? 'on' : '' };
    enter('say', urls.say, fields, text || '–');
  },
});

function afterEntry() {
  if (!stop.ask()) line.focus();
}

function afterAnswer() {
  if (room.allSaid() && room.nextUnheard((engineer) => isWaiting(engineer) && !spoken(engineer))) return;
  line.focus();
}

const spoken = (engineer) => done.some((entry) => entry.engineer === engineer.id);

function onLine() {
  if (line.empty) act.next();
  else if (line.submit()) afterEntry();
}

// ---- undo: an entry that was not sent is forgotten, another is taken back; its text comes back into the line ----------------

/** It does not count: the next "+3", the next memo and what stops them go by what was so before it. */
function unlearn({ before, answers, engineer }) {
  if (before) room.learn([before]);
  if (answers && room.find(engineer)) room.find(engineer).asked = false;
}

async function undo(key, entry = null) {
  if (entry) room.focus(room.find(entry.engineer));
  if (!(await queue.drop(key))) {
    strikeRow(key);
    await queue.add({
      review, action: 'undo', url: urls.undo, fields: { uuid: newKey(), entry: key }, shown: { engineer: room.find(entry?.engineer)?.name ?? '', text: say('undoing') },
    });
  }
  if (!entry) return;
  unlearn(entry);
  if (entry.inLine) line.put(entry.text);
  mention(say('undone'));
}

/** What answers a key is said where what was saved is said: nothing moves under the line. */
const mention = (words) => $('#result').replaceChildren(make('p', { className: 'muted' }, words));

function undoLast() {
  const entry = done.pop();
  if (entry) undo(entry.key, entry);
  else mention(say('nothing_to_undo'));
}

document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-undo]')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  undo(event.target.elements.entry.value);
}, true);

async function editAgain(record) {
  room.focus(room.find(record.shown.engineerId));
  if (line.put(record.shown.text)) await queue.drop(record.uuid);
  else line.focus(); // something is half typed there: that first
}

// ---- what the server says ------------------------------------------------------------------------------------------------

queue.addEventListener('saved', ({ detail: { record, answer } }) => {
  if (record.review !== review || record.action === 'spell') return;
  if (answer.result) $('#result').innerHTML = answer.result;
  if (answer.row) showRow(answer.row);
  if (answer.goal) room.learn([answer.goal]);
  for (const key of answer.gone ?? []) dropRow(key);
  follow.soon();
});
queue.addEventListener('refused', ({ detail: { record } }) => {
  const at = done.findIndex((entry) => entry.key === record.uuid);
  if (at >= 0) unlearn(...done.splice(at, 1));
});
queue.addEventListener('signed-out', () => notice.signedOut());
queue.addEventListener('other', () => notice.otherUser());

let roster = '';
follow.addEventListener('news', ({ detail }) => {
  if (detail.user !== user) notice.otherUser();
  else if (!notice.calm) notice.clear();
  for (const row of detail.rows) showRow(row.html);
  for (const key of detail.gone) dropRow(key);
  room.learn(detail.goals);
  if (detail.engineers && room.meet(detail.engineers)) {
    offerSpeakers(room.engineers);
    openRoom();
  }
  roster = detail.roster ?? roster;
  if (roster && replaceRoster(roster)) {
    roster = '';
    if (room.engineer) showFocus(room.engineer);
  }
  if (!detail.live) notice.closed();
});
follow.addEventListener('lost', ({ detail }) => detail === 'signed-out' && notice.signedOut());

// ---- keys, buttons, focus --------------------------------------------------------------------------------------------------

const act = {
  next: () => room.step(1),
  previous: () => room.step(-1),
  undo: undoLast,
  level: () => room.cycleLevel(),
  prepared: () => room.togglePrepared(),
  keys: () => $('#keys').showModal(),
  'nothing-new': () => line.put('= '),
  'make-factor': () => stop.submit(true) && afterAnswer(),
  'sign-in': () => notice.signIn(),
};

/** Once there is somebody to hear: at the start, or when the first one joins the roster. */
function openRoom() {
  if (!room.engineers.length || !$('#room').hidden) return;
  room.addEventListener('focus', () => {
    showWho(room);
    showGoals(room, (goal) => line.put(`${goal.name} `));
    showFocus(room.engineer);
  });
  room.addEventListener('goals', () => showGoals(room, (goal) => line.put(`${goal.name} `)));
  room.addEventListener('manner', () => showManner(room));
  new Timer({
    room,
    send: (engineer, uuid, seconds) =>
      queue.replace({ review, action: 'spell', url: urls.spell, fields: { uuid, engineer, seconds }, shown: { engineer: '', text: '' } }),
  });
  new OutboxList({ queue, review, edit: editAgain });
  listenToKeys({ act, line });
  $('#line-form').addEventListener('submit', (event) => {
    event.preventDefault();
    onLine();
  });
  $('#stop-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (stop.submit()) afterAnswer();
  });
  $('#stop').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.shiftKey) return;
    event.preventDefault();
    act['make-factor']();
  });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-do], [data-level]');
    const name = event.target.closest('.roster [data-engineer]');
    if (button?.dataset.level) room.setLevel(button.dataset.level);
    else if (button) act[button.dataset.do]();
    else if (name && room.find(Number(name.dataset.engineer))) {
      event.preventDefault();
      room.focus(room.find(Number(name.dataset.engineer)));
      line.focus(); // also where they were in focus already
    }
  });
  $('#room').hidden = false;
  $('#queue-state').hidden = false;
  const asked = Number(new URLSearchParams(location.search).get('engineer'));
  room.focus(room.find(asked) ?? room.engineers.find(isWaiting) ?? room.engineers[0]);
  if (!lasting) mention(say('not_lasting'));
}

openRoom();

// A guest who was asked here is on the roster at once; others see it within seconds.
document.addEventListener('htmx:afterRequest', ({ detail }) => detail.elt.id === 'guest-form' && follow.now());

takeWholeForm({
  setup,
  room,
  send(fields) {
    const goal = room.goal(Number(fields.goal));
    const text = `${goal.name} ${number(Number(fields.value))} ${fields.memo}${fields.blocker ? ` ! ${fields.blocker}` : ''}`;
    enter('log', urls.log, { ...fields, goal: goal.id, engineer: Number(fields.engineer) }, text);
    room.learn([{ id: goal.id, value: Number(fields.value), memo: fields.memo }]);
  },
});

$('#close-form')?.addEventListener('submit', async (event) => {
  const form = event.target;
  if (form.dataset.sure) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { mine } = await queue.list();
  const unsaved = mine.some((record) => record.review === review && record.action !== 'spell');
  $('[data-unsaved]').hidden = !unsaved;
  if (unsaved) return;
  form.dataset.sure = 'yes';
  form.requestSubmit();
}, true);

queue.flush();
