// Warnings and refusals in kind words, each with what can be done about it.

import { el } from "./dom.js";
import { say, words } from "./words.js";

const FIELDS = {
  unknown_time: "published_at", unknown_platform: "platform", language_uncertain: "language",
  unsupported_language: "language", account_without_platform: "platform", unknown_account: "account_id",
  before_history: "published_at", planned_in_past: "published_at",
};
// Each says more closely why nothing is known of an account.
const CLOSER = ["account_without_platform", "unknown_account", "before_history"];
const PAST = new Set(["no_history", "thin_history"]);

export function noteText(note) {
  const more = note.values?.nearest ? "_near" : note.values?.given ? "_given" : "";
  const key = `note_${note.code}${more}`;
  return words[key] ? say(key, note.values) : note.message;
}

// Why a draft of a list has no score; only a row of a file can be empty.
export const whyNot = (note, text) => (text.trim() ? noteText(note) : words.no_text);

export function notes(list, form) {
  const closer = list.some((note) => CLOSER.includes(note.code));
  return list.filter((note) => !(closer && note.code === "no_history")).map((note) => el("li", {}, withWay(note, form)));
}

export function refusalText(note, form) {
  return withWay(note, form);
}

function withWay(note, form) {
  const said = noteText(note);
  const name = FIELDS[note.code];
  if (PAST.has(note.code)) return [said, " ", el("a", { href: "/past" }, words.way_import)];
  const field = name && form?.elements[name];
  if (!field) return [said];
  const nearest = field.value && note.values?.nearest;
  const go = () => {
    const hidden = field.closest("details");
    if (hidden) hidden.open = true;
    field.focus();
    if (nearest) take(nearest, form);
  };
  return [said, " ", el("button", { type: "button", class: "bare", onclick: go }, words[nearest ? "way_nearest" : `way_${name}`])];
}

// Fills in the account that was meant and asks anew. The same name on another platform comes as
// "name (platform)".
function take(nearest, form) {
  const { account_id: account, platform } = form.elements;
  const elsewhere = [...platform.options].find(({ value }) => nearest === `${account.value.trim()} (${value})`);
  if (elsewhere) platform.value = elsewhere.value;
  else account.value = nearest;
  form.dispatchEvent(new Event("input", { bubbles: true }));
  form.requestSubmit();
}
