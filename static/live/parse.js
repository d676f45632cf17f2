// The one line: goal, value, unit, memo, what stops them. Pure; what it means is shown before it is saved, and the
// server checks all of it again. tests/browser/live/grammar.json holds the grammar.
//
//   drc 412 new deck ! license server     goal, value, memo, what stops them
//   62% vanes are cast                    the goal that this engineer reports on next
//   +3 two more passed    to -4 colder    relative to the last value; a value below zero
//   = waiting for parts                   nothing new, with its reason

import { factorBetween, measured, readNumber, tidy } from './numbers.js';

const SYMBOL = /^[%‰°€$£¥]\D*$/u;
const NUMBER = /^([+\-−])?(\d[\d.,'’]*)([^\d\s].*)?$/u;

/**
 * What a line means: {kind: 'empty'}, {kind: 'problem', problem, …}, {kind: 'nothing_new', goal, reason}, or
 * {kind: 'number', goal, value, base, change, memo, blocker}. `goals` are all of the program, `mine` the ids that the
 * engineer reports on, `words` the spoken marks ({blocked: [...], to: [...]}).
 */
export function parse(line, { goals, mine, words }) {
  const text = line.trim();
  if (!text) return { kind: 'empty' };
  const tokens = text.replace(/^=(?=\S)/, '= ').split(/\s+/);
  const place = findNumber(tokens, goals, mine, words);
  if (place.problem) return { kind: 'problem', ...place };
  const rest = (from) => tokens.slice(from).join(' ').replace(/^[,;:–—-]+\s*/, '');
  if (tokens[place.at] === '=') {
    const only = mine.length === 1 ? goals.find((goal) => goal.id === mine[0]) : null;
    return { kind: 'nothing_new', goal: place.goal ?? only ?? null, reason: rest(place.at + 1) };
  }
  return numberAt(tokens, place, { goals, mine, words, rest });
}

// ---- which goal, and where the number stands ---------------------------------------------------------------------------

/** {at, goal} with goal null where no name was typed, or {problem}. A number may be part of a goal's name. */
function findNumber(tokens, goals, mine, words) {
  const places = tokens.map((_, at) => at).filter((at) => at < 9 && (tokens[at] === '=' || NUMBER.test(bare(tokens[at]))));
  let missed = null;
  for (const at of places.reverse()) {
    const named = tokens.slice(0, isTo(tokens, at, words) ? at - 1 : at);
    if (!named.length) return { at, goal: null };
    const found = goalsNamed(named, goals, mine);
    if (found.length === 1) return { at, goal: found[0] };
    missed = found.length ? { problem: 'which', names: found.map((goal) => goal.name) } : (missed ?? { problem: 'unknown', typed: named.join(' ') });
  }
  return missed ?? { problem: 'no_number' };
}

const ENDS = /[,;:.]+$/;
const narrow = (token) => token.replace(/[！-～]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0)); // ６２％
const bare = (token) => narrow(token).replace(ENDS, '');
const isTo = (tokens, at, words) => at > 0 && words.to.includes(tokens[at - 1].toLowerCase());
/** As it is compared: "Prüfstände" is found by "prufst". */
const plain = (word) => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');

/** The goals that typed words name best: by the beginnings of its words, by its initials, or by a part of it. */
export function goalsNamed(typed, goals, mine) {
  const wanted = typed.map((word) => plain(bare(word)));
  if (!/[\p{L}\p{N}]/u.test(wanted.join(''))) return [];
  const scored = goals.map((goal) => [goal, likeness(wanted, plain(goal.name)) + (mine.includes(goal.id) ? 0.5 : 0)]);
  const best = Math.max(...scored.map(([, score]) => score));
  return best < 1 ? [] : scored.filter(([, score]) => score === best).map(([goal]) => goal);
}

function likeness(wanted, name) {
  if (wanted.join(' ') === name) return 5;
  const parts = name.split(/[\s\-_/()]+/).filter(Boolean);
  let from = 0;
  const inOrder = wanted.every((word) => {
    const at = parts.findIndex((part, index) => index >= from && part.startsWith(word));
    from = at + 1;
    return at >= 0;
  });
  if (inOrder) return 3;
  if (wanted.length === 1 && parts.map((part) => part[0]).join('').startsWith(wanted[0]) && wanted[0].length > 1) return 2;
  return name.includes(wanted.join(' ')) ? 1 : 0;
}

// ---- the value ---------------------------------------------------------------------------------------------------------

function numberAt(tokens, place, { goals, mine, words, rest }) {
  const ended = ENDS.test(narrow(tokens[place.at])); // "62, 100 vanes left": the comma ends the number
  const [, sign = '', digits, close = ''] = NUMBER.exec(bare(tokens[place.at]));
  const read = readNumber(digits);
  if (!read) return { kind: 'problem', problem: 'not_a_number', typed: tokens[place.at] };
  if (read.either) return { kind: 'problem', problem: 'either', typed: digits, either: read.either };
  const after = ended ? '' : bare(tokens[place.at + 1] ?? '');
  if (!close && /^\d{1,3}$/.test(digits) && /^\d{3}$/.test(after)) {
    return { kind: 'problem', problem: 'apart', typed: `${digits} ${after}`, joined: digits + after };
  }
  const [typed, ...stops] = close.split('!'); // "62%! no foundry"
  const apart = !close && SYMBOL.test(after); // "62 %" is 62%
  const suffix = apart ? after : typed;
  const goal = place.goal ?? nextGoal(goals, mine, suffix, after);
  const { factor, used } = unitOf(suffix, after, goal?.unit);
  if (suffix && !factor && (goal || mine.length || !goals.some((one) => factorBetween(suffix, one.unit)))) {
    if (/\d/.test(suffix)) return { kind: 'problem', problem: 'not_a_number', typed: digits + suffix };
    return { kind: 'problem', problem: goal ? 'unit' : 'no_unit', typed: suffix, goal };
  }
  if (!goal) return { kind: 'problem', problem: 'which', names: goals.slice(0, 6).map((one) => one.name) };
  const amount = read.value * factor;
  const others = rest(place.at + 1 + (apart ? 1 : used));
  const said = { ...split(stops.length ? `! ${stops.join('!')} ${others}` : others, words), goal };
  if (said.blocker === null) return { kind: 'problem', problem: 'no_stop', typed: said.memo };
  if (!sign || isTo(tokens, place.at, words)) {
    return { kind: 'number', ...said, value: tidy(/[-−]/.test(sign) ? -amount : amount), base: null, change: null };
  }
  if (goal.value === null) return { kind: 'problem', problem: 'no_base', goal, typed: tokens[place.at] };
  const change = sign === '+' ? amount : -amount;
  return { kind: 'number', ...said, value: tidy(goal.value + change), base: goal.value, change: tidy(change) };
}

/** By what to multiply, and how many more tokens the unit took; factor null where the unit is not the goal's. */
function unitOf(suffix, after, unit) {
  if (suffix) return { factor: unit === undefined ? null : factorBetween(suffix, unit), used: 0 };
  const factor = after && unit ? factorBetween(after, unit) : null;
  return factor ? { factor, used: 1 } : { factor: 1, used: 0 };
}

/** The goal that this engineer reports on next: open and not said in this review, in a unit that fits. */
function nextGoal(goals, mine, suffix, after) {
  const known = mine.length ? mine.map((id) => goals.find((goal) => goal.id === id)).filter(Boolean) : goals;
  const counted = after ? known.filter((goal) => goal.unit && measured(after, goal.unit)) : [];
  const fits = suffix ? known.filter((goal) => factorBetween(suffix, goal.unit)) : counted.length ? counted : known;
  if (!mine.length && fits.length > 1) return null;
  return fits.find((goal) => !goal.said && !goal.done) ?? fits[0] ?? (known.length === 1 ? known[0] : null);
}

// ---- memo and blocker ---------------------------------------------------------------------------------------------------

/**
 * {memo, blocker}: what follows "!" or "blocked on" is what stops them, and is the memo too where there is no other.
 * "No longer blocked on" is no blocker; of one that only begins, the blocker is null.
 */
function split(rest, words) {
  const spoken = words.blocked.map(escaped).join('|');
  const free = `(?<!(?:^|\\s)(?:${words.free.map(escaped).join('|')})\\s)`;
  const found = new RegExp(`^(.*?)(?:^|\\s)(!|${free}(?:${spoken}))\\s*(\\S.*)$`, 'iu').exec(rest);
  if (!found) return { memo: rest, blocker: new RegExp(`(?:^|\\s)${free}(?:${spoken})$`, 'iu').test(rest) ? null : '' };
  const [, before, mark, blocker] = found;
  const memo = before.trim().replace(/[,;:–—-]+$/, '');
  return { memo: memo || `${mark === '!' ? words.blocked[0] : mark} ${blocker}`, blocker };
}

const escaped = (mark) => mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
