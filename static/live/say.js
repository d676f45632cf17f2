// Words and values as the page shows them.

let words = {};

export function useWords(given) {
  words = given;
}

/** The sentence of this name with its {gaps} filled. */
export const say = (name, values = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');

const format = new Intl.NumberFormat(document.documentElement.lang || 'en', { maximumSignificantDigits: 12 });

export const number = (value, unit = '') => format.format(value).replace('-', '−') + (unit ? `\u00a0${unit}` : '');

/** A day that came as ISO, as every page prints days: "24 Nov", with the year where it is another one. */
export function day(iso) {
  const date = new Date(`${iso}T00:00:00Z`);
  const month = date.toLocaleDateString(document.documentElement.lang || 'en', { month: 'short', timeZone: 'UTC' });
  const year = date.getUTCFullYear() === new Date().getFullYear() ? '' : `\u00a0${date.getUTCFullYear()}`;
  return `${date.getUTCDate()}\u00a0${month}${year}`;
}

/** An element with text and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ''));
  return element;
}
