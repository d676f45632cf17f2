// The end of signing in from the live page: tell the page, and go.
new BroadcastChannel('limiting-factor-signed-in').postMessage('signed in');
window.close();
