// The text with the phrases that do something marked in it, for one effect at a time.

import { el, table } from "./dom.js";
import { say, signed, words } from "./words.js";

const KINDS = ["share", "joy", "surprise", "sadness", "anger", "fear", "disgust", "overall"];
let chosen = "share";
let shown = null;

export function drawPhrases(body, answer) {
  shown = answer;
  if (answer.status !== "ok" || !answer.phrases?.length) {
    body.replaceChildren(el("p", { class: "hint" }, words.phrases_none));
    return;
  }
  body.replaceChildren(choice(body), marked(), legend(), asTable(), rewriting(answer));
}

function choice(body) {
  const pick = (kind) => { chosen = kind; drawAgain(body, kind); };
  return el("fieldset", { class: "choice" }, [
    el("legend", { class: "sr" }, words.phrases_by),
    ...KINDS.map((kind) => el("label", {}, [
      el("input", { type: "radio", name: "effect", value: kind, checked: kind === chosen, onchange: () => pick(kind) }),
      el("span", {}, kind === "share" ? words.share_potential : words[kind]),
    ])),
  ]);
}

function drawAgain(body, kind) {
  drawPhrases(body, shown);
  body.querySelector(`[value="${kind}"]`).focus();
}

const effectOf = (phrase) => phrase.effects[chosen] ?? 0;

function strongestFirst() {
  return shown.phrases.toSorted((a, b) => Math.abs(effectOf(b)) - Math.abs(effectOf(a)));
}

function marked() {
  const letters = [...shown.text];
  const most = Math.max(...shown.phrases.map((phrase) => Math.abs(effectOf(phrase))), 0.02);
  const parts = [];
  let at = 0;
  for (const phrase of shown.phrases.toSorted((a, b) => a.start - b.start)) {
    if (phrase.start < at) continue;
    parts.push(letters.slice(at, phrase.start).join(""));
    parts.push(mark(letters.slice(phrase.start, phrase.end).join(""), effectOf(phrase), most));
    at = phrase.end;
  }
  parts.push(letters.slice(at).join(""));
  return el("p", { class: "marked" }, parts);
}

function mark(text, effect, most) {
  const size = Math.abs(effect) / most;
  const step = size < 0.15 ? 0 : size < 0.5 ? 1 : 2;
  if (step === 0) return text;
  const way = effect < 0 ? "down" : "up";
  return el("mark", { class: `${way} s${step}`, title: signed(effect) }, [
    text, el("span", { class: "sr" }, ` (${say(`mark_${way}`, { value: signed(effect) })})`),
  ]);
}

function legend() {
  return el("p", { class: "hint legend", "aria-hidden": "true" }, [
    el("mark", { class: "up s2" }, words.legend_up), " ", el("mark", { class: "down s2" }, words.legend_down),
  ]);
}

function asTable() {
  const letters = [...shown.text];
  const rows = strongestFirst().slice(0, 12).map((phrase) => [
    letters.slice(phrase.start, phrase.end).join(""), signed(effectOf(phrase)),
  ]);
  return el("details", {}, [
    el("summary", {}, words.phrases_table),
    table(words.phrases_table, [words.col_phrase, words.col_effect], rows),
  ]);
}

function rewriting(answer) {
  const range = answer.rewriting;
  if (!range) return "";
  return el("p", { class: "hint" }, say("rewriting", { low: signed(range.low), high: signed(range.high) }));
}
