// The fields under a text: what they hold goes to the service, and stays in this browser.

import { byId, el, keep, kept } from "./dom.js";
import { ask } from "./service.js";
import { say } from "./words.js";

const PLAIN = ["platform", "account_id", "media_type", "language"];

// As the API takes them; what is left empty is not sent.
export function setting(form) {
  const data = new FormData(form);
  const post = {};
  for (const name of PLAIN) {
    const value = (data.get(name) ?? "").trim();
    if (value) post[name] = value;
  }
  const at = new Date(data.get("published_at") || NaN);
  if (!Number.isNaN(at.getTime())) post.published_at = at.toISOString();
  post.timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (data.get("followers")) post.followers = Number(data.get("followers"));
  if (data.get("is_paid")) post.is_paid = true;
  return post;
}

export function valuesOf(form) {
  return Object.fromEntries([...new FormData(form)].filter(([key, value]) => key !== "text" && typeof value === "string"));
}

export function watch(form, name) {
  form.addEventListener("input", () => {
    keep(`${name}.fields`, valuesOf(form));
  });
}

export const restore = (form, name) => fill(form, kept(`${name}.fields`, {}));

export function fill(form, values) {
  for (const [key, value] of Object.entries(values)) {
    const field = form.elements[key];
    if (!field) continue;
    if (field.type === "checkbox") field.checked = true;
    else field.value = value;
  }
}

// Accounts with imported posts are offered; one that is known on a single platform chooses it.
export async function knownAccounts(form) {
  const { accounts } = await ask("/v1/accounts").catch(() => ({ accounts: [] }));
  byId("accounts").replaceChildren(...accounts.map((account) => el("option", {
    value: account.account_id, label: `${account.platform} · ${say("posts", { n: account.posts })}`,
  })));
  form.elements.account_id.addEventListener("change", () => {
    const found = accounts.filter((account) => account.account_id === form.elements.account_id.value.trim());
    if (found.length === 1 && form.elements.platform.value !== found[0].platform) {
      form.elements.platform.value = found[0].platform;
      form.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}
