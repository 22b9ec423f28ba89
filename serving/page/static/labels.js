// What tells drafts apart beside their text: only what is not the same for all of them.

import { moment, say } from "./words.js";

const FACTS = {
  platform: ({ post }) => post.platform && platformName(post.platform),
  account: ({ post }) => post.account_id,
  time: ({ post }) => post.published_at && moment(post.published_at),
  id: ({ id }) => id && say("own_id", { id }),
};

// As the field for all drafts spells it.
export function platformName(platform) {
  return document.querySelector(`[name="platform"] option[value="${platform}"]`)?.textContent ?? platform;
}

// Returns a function from a draft to the facts that it does not share with all others.
export function labelling(items) {
  const telling = Object.values(FACTS).filter((fact) => new Set(items.map((item) => fact(item) || "")).size > 1);
  return (item) => [...telling.map((fact) => fact(item)), item.row && say("from_row", { n: String(item.row) })].filter(Boolean);
}
