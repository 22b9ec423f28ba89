// Signing in with a key, where the service asks for one: asked for once, however many requests wait.
// The key goes to the service and is not kept here; a cookie that no script can read stands for it.

import { byId } from "./dom.js";
import { RefusedError } from "./refused.js";
import { say, words } from "./words.js";

let asking = null;

export function askForKey(status) {
  asking ??= new Promise((resolve, reject) => {
    const dialog = byId("key");
    byId("key-text").textContent = status === 403 ? words.key_lacks : words.key_needed;
    byId("key-trouble").textContent = "";
    dialog.addEventListener("close", () => {
      asking = null;
      if (dialog.returnValue === "in") resolve();
      else reject(new RefusedError(status, { detail: words.key_none }));
    }, { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
  return asking;
}

async function signIn(event) {
  event.preventDefault();
  const field = byId("key-value");
  const response = await fetch("/v1/session", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key: field.value.trim() }),
  }).catch(() => null);
  if (response?.ok) {
    field.value = "";
    byId("key").close("in");
  } else {
    byId("key-trouble").textContent = response ? words.key_bad : words.away;
    field.focus();
  }
}

// Who is signed in, with a way out; nothing where no key is asked for.
export async function showSession() {
  const answer = await fetch("/v1/session").then((response) => response.json()).catch(() => ({}));
  byId("session").hidden = !answer.signed_in;
  if (answer.signed_in) byId("session-name").textContent = say("signed_in", { name: answer.name });
}

byId("key-form").addEventListener("submit", signIn);
byId("key-cancel").addEventListener("click", () => byId("key").close(""));
byId("session-out").addEventListener("click", async () => {
  await fetch("/v1/session", { method: "DELETE" }).catch(() => null);
  location.reload();
});
showSession();
