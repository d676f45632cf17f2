// Numbers and units as people type them. Pure: tests/browser/live/grammar.json holds what each line means.

const GROUPED = (mark) => new RegExp(`^\\d{1,3}(\\${mark}\\d{3})+$`);

/** {value}, {either: [a, b]} where it can mean two numbers, or null where it is none. Digits, points and commas only. */
export function readNumber(text) {
  const plain = text.replace(/['’\u00a0\u202f]/g, '');
  const commas = plain.split(',').length - 1;
  const points = plain.split('.').length - 1;
  if (!/^\d[\d.,]*$/.test(plain) || /[.,]$/.test(plain)) return null;
  if (commas && points) {
    const decimal = plain.lastIndexOf(',') > plain.lastIndexOf('.') ? ',' : '.';
    const group = decimal === ',' ? '.' : ',';
    const [whole, fraction, more] = plain.split(decimal);
    if (more !== undefined || !GROUPED(group).test(whole)) return null;
    return { value: Number(`${whole.replaceAll(group, '')}.${fraction}`) };
  }
  const mark = commas ? ',' : '.';
  const count = commas + points;
  if (count > 1) return GROUPED(mark).test(plain) ? { value: Number(plain.replaceAll(mark, '')) } : null;
  const value = Number(plain.replace(',', '.'));
  if (commas && GROUPED(',').test(plain)) return { either: [value, Number(plain.replace(',', ''))] };
  return Number.isFinite(value) ? { value } : null;
}

const PREFIXES = { n: 1e-9, µ: 1e-6, μ: 1e-6, u: 1e-6, m: 1e-3, c: 1e-2, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };
const BASES = new Set(['W', 'Wh', 'Hz', 'B', 'b', 'bit', 'g', 'm', 's', 'V', 'A', 'J', 'N', 'Pa', 'K', 't', 'l', 'L', 'eV']);
const SPANS = { s: 1, sec: 1, min: 60, h: 3600, hour: 3600, d: 86400, day: 86400, w: 604800, week: 604800 };
const MULTIPLES = { k: 1e3, M: 1e6 };

function metric(unit) {
  if (BASES.has(unit)) return { base: unit, factor: 1 };
  const base = unit.slice(1);
  return BASES.has(base) && unit[0] in PREFIXES ? { base, factor: PREFIXES[unit[0]] } : null;
}

const singular = (word) => word.toLowerCase().replace(/(.{2})s$/, '$1');
const seconds = (unit) => SPANS[singular(unit)] ?? (unit === 'ms' ? 1e-3 : undefined);

/** By what a number in `typed` is multiplied to be in `unit`; null where one is not the other. */
export const factorBetween = (typed, unit) => measured(typed, unit) ?? MULTIPLES[typed] ?? null;

/** The same for units alone: 1.2k says nothing of a unit. */
export function measured(typed, unit) {
  if (singular(typed) === singular(unit)) return 1;
  const [from, to] = [metric(typed), metric(unit)];
  if (from && to && from.base === to.base) return from.factor / to.factor;
  if (seconds(typed) && seconds(unit)) return seconds(typed) / seconds(unit);
  return null;
}

/** Without the noise of binary fractions: 58 + 0.1 is 58.1. */
export const tidy = (value) => Number(value.toPrecision(12));
