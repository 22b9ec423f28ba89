// Versions of a draft, kept in this browser, and how they compare.

import { byId, el, keep, kept } from "./dom.js";
import { interval } from "./emotions.js";
import { shareMeasured } from "./notes.js";
import { ask } from "./service.js";
import { differences } from "./wording.js";
import { percent, rivalOdds, say, words } from "./words.js";

const MOST = 6;
const PAUSE = 900;

export class Versions {
  #texts;
  #current;
  #running = new AbortController();
  #timer;
  #compared = "";
  #undos = [];

  constructor(box, changed, setting) {
    this.box = box;
    this.changed = changed;
    this.setting = setting;
    const { texts = [""], current = 0 } = kept("draft", {});
    this.#texts = texts.length ? texts : [""];
    this.#current = Math.min(current, this.#texts.length - 1);
    byId("drop").addEventListener("click", () => this.#drop());
    byId("undo").addEventListener("click", () => this.#undo());
  }

  show() {
    if (this.box.value !== this.#texts[this.#current]) this.box.value = this.#texts[this.#current];
    this.#drawTabs();
  }

  keep() {
    this.#texts[this.#current] = this.box.value;
    keep("draft", { texts: this.#texts, current: this.#current });
  }

  // `undone` puts back what else was cleared. What was written since then becomes further versions.
  clear(undone) {
    const [texts, current] = [this.#texts, this.#current];
    if (texts.some((text) => text.trim())) {
      this.#undos.push(() => {
        const since = this.#texts.filter((text) => text.trim() && !texts.includes(text));
        this.#texts = [...texts, ...since];
        undone();
        return current;
      });
    }
    this.#texts = [""];
    this.#choose(0);
  }

  #undo() {
    this.#choose(this.#undos.pop()());
    this.box.focus();
  }

  #choose(index) {
    this.#current = index;
    this.box.value = this.#texts[index];
    this.keep();
    this.#drawTabs();
    this.changed();
  }

  #drawTabs() {
    const many = this.#texts.length > 1;
    const tabs = many ? this.#texts.map((_, index) => el("button", {
      type: "button", "aria-pressed": String(index === this.#current), onclick: () => this.#pick(index),
    }, say("version", { name: nameOf(index) }))) : [];
    const add = this.#texts.length < MOST && el("button", {
      type: "button", class: "add", onclick: () => this.#add(),
    }, `+ ${words.version_add}`);
    byId("versions-of").replaceChildren(...[...tabs, add].filter(Boolean));
    byId("undo").hidden = !this.#undos.length;
    byId("drop").hidden = !many;
    byId("drop").textContent = say("version_drop", { name: nameOf(this.#current) });
  }

  #pick(index) {
    this.keep();
    this.#choose(index);
    byId("versions-of").children[index].focus();
  }

  // The new version starts as a copy: most rewriting is a change, not a new beginning.
  #add() {
    this.keep();
    this.#texts.push(this.box.value);
    this.#choose(this.#texts.length - 1);
    this.box.focus();
  }

  #drop() {
    const index = this.#current;
    const [text] = this.#texts.splice(index, 1);
    this.#undos.push(() => {
      this.#texts.splice(index, 0, text);
      return index;
    });
    this.#choose(Math.max(0, index - 1));
    this.box.focus();
  }

  compare() {
    clearTimeout(this.#timer);
    const filled = this.#texts.map((text, index) => ({ text: text.trim(), index })).filter(({ text }) => text);
    if (filled.length < 2 || new Set(filled.map(({ text }) => text)).size < 2) {
      this.#running.abort();
      this.#compared = "";
      byId("duel").hidden = true;
      return;
    }
    this.#timer = setTimeout(() => this.#ask(filled), byId("duel").hidden ? 0 : PAUSE);
  }

  async #ask(filled) {
    const fields = this.setting();
    const body = { posts: filled.map(({ text }) => ({ text, ...fields })) };
    const asked = JSON.stringify(body);
    if (asked === this.#compared) return;
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    try {
      const answer = await ask("/v1/rank", { body, signal });
      if (signal.aborted) return;
      this.#compared = asked;
      drawDuel(answer, filled);
    } catch (error) {
      if (!signal.aborted) byId("duel").hidden = true;
    }
  }
}

const nameOf = (index) => String.fromCharCode(65 + index);

function drawDuel(answer, filled) {
  const scored = answer.candidates.filter((candidate) => candidate.rank !== null);
  byId("duel").hidden = scored.length < 2;
  if (scored.length < 2) return;
  const name = (candidate) => nameOf(filled[candidate.index].index);
  const [first, second] = scored;
  const values = { first: name(first), second: name(second), odds: rivalOdds(first.beats_next) };
  const title = say(first.too_close_to_call ? "duel_close" : "duel_ahead", values);
  const bounds = scored.flatMap(({ score: { share } }) => [share.score.low, share.score.high]);
  const [least, most] = [Math.min(...bounds), Math.max(...bounds)];
  byId("duel-body").replaceChildren(
    el("p", { class: "headline small" }, title),
    el("dl", { class: "bars duel" }, scored.flatMap((candidate) => row(candidate, name(candidate), least, most, scored.length))),
    el("p", { class: "hint" }, `${words[shareMeasured(first.score) ? "duel_band" : "duel_band_unmeasured"]} ${words.duel_how}`),
    wordings(filled, scored, name),
  );
}

function row(candidate, name, least, most, count) {
  return [
    el("dt", {}, say("version", { name })),
    el("dd", {}, interval(candidate.score.share.score, least, most)),
    el("dd", { class: "number" }, count > 2 ? say("best", { n: percent(candidate.best) }) : percent(candidate.best)),
  ];
}

function wordings(filled, scored, name) {
  const text = (candidate) => filled[candidate.index].text;
  const [one, other] = differences(text(scored[0]), text(scored[1]));
  return el("details", {}, [
    el("summary", {}, words.duel_words),
    el("div", { class: "pair" }, [[scored[0], one], [scored[1], other]].map(([candidate, parts]) => el("div", {}, [
      el("h3", {}, say("version", { name: name(candidate) })),
      el("p", { class: "marked" }, parts.map(([part, own]) => (own ? el("mark", { class: "own" }, part) : part))),
    ]))),
  ]);
}
