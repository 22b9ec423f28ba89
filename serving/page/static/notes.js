// Warnings and refusals in kind words, each with what can be done about it.

import { el } from "./dom.js";
import { words } from "./words.js";

const FIELDS = {
  unknown_time: "published_at", unknown_platform: "platform", language_uncertain: "language",
  unsupported_language: "language",
};
const PAST = new Set(["no_history", "thin_history"]);

export function noteText(note) {
  return words[`note_${note.code}`] ?? note.message;
}

export function notes(list, form) {
  return list.map((note) => el("li", {}, withWay(note, form)));
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
  const go = () => {
    const hidden = field.closest("details");
    if (hidden) hidden.open = true;
    field.focus();
  };
  return [said, " ", el("button", { type: "button", class: "bare", onclick: go }, words[`way_${name}`])];
}
