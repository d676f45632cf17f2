// Who is in focus, and what is known of goals and engineers. No page in here: others listen to 'focus' and 'goals'.

export class Room extends EventTarget {
  #drafts;

  constructor({ goals, engineers, levels, review, user }) {
    super();
    this.goals = goals;
    this.engineers = engineers;
    this.levels = levels;
    this.engineer = null;
    this.level = levels[0];
    this.prepared = false;
    this.#drafts = new Drafts(`drafts-${user}-${review}`);
  }

  find(id) {
    return this.engineers.find((engineer) => engineer.id === id) ?? null;
  }

  goal(id) {
    return this.goals.find((goal) => goal.id === id) ?? null;
  }

  // ---- focus -----------------------------------------------------------------------------------------------------------

  /** Put an engineer in focus. Level and material begin anew: they belong to what one person says. */
  focus(engineer) {
    if (!engineer || engineer === this.engineer) return;
    this.engineer = engineer;
    this.level = this.levels[0];
    this.prepared = false;
    this.dispatchEvent(new Event('focus'));
  }

  step(by) {
    const at = this.engineers.indexOf(this.engineer);
    this.focus(this.engineers[Math.min(Math.max(at + by, 0), this.engineers.length - 1)]);
  }

  /** The next one after this who was not heard; whether there is one. `waiting(engineer)` says who that is. */
  nextUnheard(waiting) {
    const at = this.engineers.indexOf(this.engineer);
    const order = [...this.engineers.slice(at + 1), ...this.engineers.slice(0, at + 1)];
    const found = order.find((engineer) => waiting(engineer) && engineer !== this.engineer);
    if (found) this.focus(found);
    return Boolean(found);
  }

  cycleLevel() {
    this.setLevel(this.levels[(this.levels.indexOf(this.level) + 1) % this.levels.length]);
  }

  setLevel(level) {
    this.level = level;
    this.dispatchEvent(new Event('manner'));
  }

  togglePrepared() {
    this.prepared = !this.prepared;
    this.dispatchEvent(new Event('manner'));
  }

  // ---- what is known ---------------------------------------------------------------------------------------------------

  /** Who is on the roster now, in its order; what this page knows of somebody stays. Whether anybody came or went. */
  meet(engineers) {
    const now = engineers.map((engineer) => this.find(engineer.id) ?? engineer);
    if (this.engineer && !now.includes(this.engineer)) now.push(this.engineer); // taken off while in focus
    const same = now.length === this.engineers.length && now.every((engineer) => this.engineers.includes(engineer));
    this.engineers = now;
    return !same;
  }

  /** Whether all open goals of this engineer were said: then the next one's turn has come. */
  allSaid() {
    return this.engineer.goals.map((id) => this.goal(id)).every((goal) => !goal || goal.said || goal.done);
  }

  /** A goal has a new value and memo, said by somebody in this review. */
  learn(changes) {
    for (const { id, ...news } of changes) {
      const goal = this.goal(id);
      if (goal) Object.assign(goal, { said: true }, news);
    }
    if (changes.length) this.dispatchEvent(new Event('goals'));
  }

  draft(engineer) {
    return this.#drafts.get(engineer.id);
  }

  keepDraft(engineer, text) {
    this.#drafts.set(engineer.id, text);
  }
}

/** What is half typed, by engineer: it survives a reload of the tab. */
class Drafts {
  constructor(key) {
    this.key = key;
    try {
      this.texts = JSON.parse(sessionStorage.getItem(key)) ?? {};
    } catch {
      this.texts = {};
    }
  }

  get(id) {
    return this.texts[id] ?? '';
  }

  set(id, text) {
    this.texts[id] = text;
    try {
      sessionStorage.setItem(this.key, JSON.stringify(this.texts));
    } catch {
      // full or forbidden: they last as long as the page
    }
  }
}
