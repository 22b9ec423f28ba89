// Requests to the service. What is away, busy or starting is asked again until it answers.

import { askForKey } from "./signin.js";
import { codeOf, RefusedError } from "./refused.js";
import { say, words } from "./words.js";

const RETRY = 2000;

// Asks until answered. `tell(text, trouble)` says what is being waited for; empty when it is over.
export async function ask(path, { body, method = body === undefined ? "GET" : "POST", signal, tell = () => {} } = {}) {
  let waited = false;
  for (;;) {
    const [response, pause] = await once(path, { body, method, signal }, tell);
    if (response) {
      if (waited) tell("");
      return response.json();
    }
    waited = true;
    await sleep(pause, signal);
  }
}

async function once(path, { body, method, signal }, tell) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    tell(words.away, true);
    return [null, RETRY];
  }
  if (response.ok) return [response];
  const problem = await response.json().catch(() => ({}));
  if (response.status === 429) {
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    tell(say("busy", { n: seconds }), true);
    return [null, seconds * 1000];
  }
  if (response.status === 503) {
    tell(words[`unavailable_${codeOf(problem)}`] ?? words.unavailable, true);
    return [null, RETRY];
  }
  if (response.status === 401 || response.status === 403) await askForKey(response.status);
  else throw new RefusedError(response.status, problem);
  return [null, 0];
}

function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("", "AbortError"));
    }, { once: true });
  });
}

// Shows what is waited for in a status line; trouble looks like trouble.
export function teller(status) {
  return (text, trouble = false) => {
    status.classList.toggle("trouble", Boolean(trouble && text));
    if (status.textContent !== text) status.textContent = text;
  };
}
