// What must be known while one goes on typing: signed out, somebody else signed in, closed. It never takes the focus.

import { say } from './say.js';

const box = document.querySelector('#room-notice');
const text = box.querySelector('p');
const button = box.querySelector('[data-do="sign-in"]');

export class Notice {
  #signInUrl;
  #window = null;
  calm = true; // nothing to be cleared by an answer that comes through

  constructor({ signInUrl, onSignedIn }) {
    this.#signInUrl = signInUrl;
    new BroadcastChannel('limiting-factor-signed-in').onmessage = () => {
      this.#window?.close();
      onSignedIn();
    };
  }

  #show(words, { calm = false, signIn = false } = {}) {
    if (text.textContent !== words) text.textContent = words;
    this.calm = calm;
    button.hidden = !signIn;
    box.hidden = false;
  }

  signedOut() {
    this.#show(say('signed_out'), { signIn: true });
  }

  otherUser() {
    this.#show(say('other_user'), { signIn: true });
  }

  closed() {
    this.#show(say('closed'), { calm: true });
  }

  clear() {
    box.hidden = true;
    this.calm = true;
  }

  /** In a window of its own: whatever the sign-in asks for, this page stays as it is. */
  signIn() {
    this.#window = window.open(this.#signInUrl, 'sign-in', 'popup,width=520,height=720');
  }
}
