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

// Whether it was measured how often the ranges of a forecast are right.
export const shareMeasured = (score) => !warns(score, "platform_unmeasured");
export const emotionMeasured = (score) => !warns(score, "language_unmeasured");

const warns = (score, code) => score.warnings.some((note) => note.code === code);

export function noteText(note) {
  const more = note.values?.nearest ? "_near" : note.values?.given ? "_given" : "";
  const key = `note_${note.code}${more}`;
  return words[key] ? say(key, note.values) : note.message;
}

// Why a draft of a list has no score; only a row of a file can be empty.
export const whyNot = (note, text) => (text.trim() ? noteText(note) : words.no_text);

// What is said of one draft: where it is known more closely, the general reason is not said too.
export function closest(list) {
  const closer = list.some((note) => CLOSER.includes(note.code));
  return list.filter((note) => !(closer && note.code === "no_history"));
}

export function notes(list, form) {
  return closest(list).map((note) => el("li", {}, withWay(note, form)));
}

// `own` is what the draft says itself: there a field of the form changes nothing.
export function withWay(note, form, own = {}) {
  const said = noteText(note);
  const name = FIELDS[note.code];
  if (PAST.has(note.code)) return [said, " ", el("a", { href: "/past" }, words.way_import)];
  const field = name && !(name in own) && form?.elements[name];
  if (!field) return [said];
  const meant = field.value && note.values?.nearest;
  const nearest = meant && !(platformOf(meant, form) && "platform" in own) && meant;
  const go = () => {
    const hidden = field.closest("details");
    if (hidden) hidden.open = true;
    field.focus();
    if (nearest) take(nearest, form);
  };
  return [said, " ", el("button", { type: "button", class: "bare", onclick: go }, words[nearest ? "way_nearest" : `way_${name}`])];
}

// The same name on another platform comes as "name (platform)".
function platformOf(nearest, form) {
  const { account_id: account, platform } = form.elements;
  return [...platform.options].find(({ value }) => nearest === `${account.value.trim()} (${value})`)?.value;
}

// Fills in the account that was meant and asks anew.
function take(nearest, form) {
  const { account_id: account, platform } = form.elements;
  const elsewhere = platformOf(nearest, form);
  if (elsewhere) platform.value = elsewhere;
  else account.value = nearest;
  form.dispatchEvent(new Event("input", { bubbles: true }));
  form.requestSubmit();
}
