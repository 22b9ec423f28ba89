// The order as a list: sorted, filtered, any two picked to compare, exported, printed.

import { comparePair } from "./pair.js";
import { forecast, shareCoverage } from "./coverage.js";
import { byId, el } from "./dom.js";
import { feelingOf } from "./emotions.js";
import { excerpt } from "./excerpt.js";
import { exportAs } from "./export.js";
import { labelling, platformName } from "./labels.js";
import { noteText, whyNot } from "./notes.js";
import { shortPlace } from "./strip.js";
import { band, date, percent, rivalOdds, say, words } from "./words.js";

const KEYS = {
  rank: (one) => one.rank ?? Infinity,
  place: (one) => -(one.score.share?.percentile.value ?? -1),
  overall: (one) => -(one.score.emotion?.overall?.value ?? -1),
  index: (one) => one.index,
};

// Said above the list, where the figures seem to run against the order.
export const MIXED = "mixed_accounts";

export class Board {
  #answer = null;
  #items = [];
  #picked = [];
  #label = () => [];
  #rivals = false;
  #made = null;

  constructor() {
    for (const id of ["sort", "tier", "on", "find"]) byId(id).addEventListener("input", () => this.#list());
    byId("print").addEventListener("click", () => print());
    byId("unpair").addEventListener("click", () => this.#unpair());
    for (const button of document.querySelectorAll("[data-export]")) {
      button.addEventListener("click", () => exportAs(button.dataset.export, this.#answer, this.#items, this.#made));
    }
  }

  draw(answer, items) {
    this.#answer = answer;
    this.#items = items;
    this.#label = labelling(items);
    this.#rivals = scored(answer).length > 1;
    this.#made = new Date();
    this.#pick([]);
    const models = answer.candidates[0].score.models;
    const versions = say("versions", { emotion: models.emotion.version, share: models.share.version });
    byId("versions").textContent = versions;
    byId("made").textContent = `${date(this.#made, { dateStyle: "long", timeStyle: "short" })}. ${versions}.`;
    byId("verdict").textContent = verdict(answer);
    const mixed = answer.warnings.find((note) => note.code === MIXED);
    byId("how").textContent = [mixed && noteText(mixed), shareCoverage(forecast(answer, items))].filter(Boolean).join(" ");
    this.#tiers();
    this.#platforms();
    this.#list();
    byId("ranking").hidden = false;
  }

  #tiers() {
    const all = el("option", { value: "" }, words.tier_all);
    const tiers = Array.from({ length: this.#answer.tiers }, (_, i) => el("option", { value: String(i + 1) }, say("tier", { n: i + 1 })));
    byId("tier").replaceChildren(all, ...tiers);
  }

  #platforms() {
    const found = [...new Set(this.#items.map(({ post }) => post.platform ?? ""))];
    const all = el("option", { value: "*" }, words.platform_all);
    byId("on").replaceChildren(all, ...found.map((platform) => el("option", { value: platform }, platformName(platform))));
    byId("on").closest("label").hidden = found.length < 2;
  }

  #list() {
    const find = byId("find").value.trim().toLocaleLowerCase();
    const tier = byId("tier").value;
    const on = byId("on").value;
    const sort = byId("sort").value;
    const shown = this.#answer.candidates
      .filter((one) => !tier || String(one.tier) === tier)
      .filter((one) => on === "*" || (this.#items[one.index].post.platform ?? "") === on)
      .filter((one) => !find || this.#items[one.index].post.text.toLocaleLowerCase().includes(find))
      .toSorted((a, b) => KEYS[sort](a) - KEYS[sort](b));
    this.#found(shown.length);
    byId("places").before(byId("pair"));
    byId("places").replaceChildren(...shown.flatMap((one, at) => this.#row(one, [shown[at - 1], shown[at + 1]], sort)));
    this.#placePair();
  }

  #found(n) {
    const all = n === this.#answer.candidates.length;
    byId("found").replaceChildren(...(n ? [all ? "" : say("drafts_found", { n })] : [
      words.found_none, " ", el("button", { type: "button", class: "bare", onclick: () => this.#showAll() }, words.show_all),
    ]));
  }

  #showAll() {
    for (const [id, value] of [["find", ""], ["tier", ""], ["on", "*"]]) byId(id).value = value;
    this.#list();
    byId("find").focus();
  }

  // In the service's own order, a line says where one tier ends and the next begins.
  #row(one, [before, next], sort) {
    const begins = sort === "rank" && one.tier !== before?.tier;
    const tied = this.#answer.candidates.filter((other) => other.tier === one.tier).length > 1;
    const title = one.tier === null ? words.unscored : say("tier", { n: one.tier }) + (tied ? ` · ${words.close}` : "");
    return [begins && el("li", { class: "tier-line" }, title), this.#place(one, sort === "rank" && isGap(one, next))].filter(Boolean);
  }

  #place(one, gap) {
    const item = this.#items[one.index];
    const ranked = one.rank !== null;
    return el("li", { class: "place" }, [
      el("span", { class: "rank" }, [el("span", { class: "sr" }, `${words.rank} `), ranked ? String(one.rank) : "–"]),
      el("div", { class: "what" }, [
        ...excerpt(item.post.text),
        el("p", { class: "labels" }, this.#label(item).map((label) => el("span", {}, label))),
        el("p", { class: "hint facts-line" }, ranked ? figures(one, gap) : whyNot(one.score.reason, item.post.text)),
      ]),
      ranked && this.#rivals ? el("div", { class: "chance" }, [
        el("b", {}, percent(one.best)), el("span", { class: "hint" }, words.best_short),
      ]) : "",
      ranked ? el("div", { class: "where" }, shortPlace(one.score.share.percentile)) : "",
      ranked && this.#rivals ? el("label", { class: "pick" }, [
        el("input", {
          type: "checkbox", "data-index": one.index, checked: this.#picked.includes(one.index), onchange: (event) => this.#toggle(one.index, event.target.checked),
          "aria-label": say("pick", { n: one.rank }),
        }),
        el("span", { class: "hint", "aria-hidden": "true" }, words.compare),
      ]) : "",
    ]);
  }

  #toggle(index, on) {
    this.#pick(on ? [...this.#picked.slice(-1), index] : this.#picked.filter((other) => other !== index));
  }

  // The list stays as it is, so that the focus does.
  #pick(picked) {
    this.#picked = picked;
    for (const box of document.querySelectorAll(".pick input")) box.checked = picked.includes(Number(box.dataset.index));
    this.#placePair();
    comparePair(picked.map((index) => ({
      item: this.#items[index], labels: this.#label(this.#items[index]), one: this.#answer.candidates.find((candidate) => candidate.index === index),
    })));
    byId("pair").scrollIntoView({ block: "nearest" });
  }

  // Where the eyes are: in the row picked last; above the list while that row is filtered out.
  #placePair() {
    const row = this.#boxOf(this.#picked.at(-1))?.closest(".place");
    if (row) row.append(byId("pair"));
    else byId("places").before(byId("pair"));
  }

  #boxOf(index) {
    return document.querySelector(`.pick [data-index="${index}"]`);
  }

  #unpair() {
    const last = this.#boxOf(this.#picked.at(-1));
    this.#pick([]);
    (last ?? byId("sort")).focus();
  }
}

// A draft is ahead from three in five on, as the service has it; clearly so only from here.
const CLEAR = 0.9;

export const scored = (answer) => answer.candidates.filter((one) => one.rank !== null);

function verdict(answer) {
  const [first, second] = scored(answer);
  if (!first) return words.verdict_none;
  if (!second) return words.verdict_alone;
  const tied = answer.candidates.filter((one) => one.tier === 1).length;
  return tied > 1
    ? say("verdict_tied", { n: tied })
    : say(first.beats_next >= CLEAR ? "verdict_clear" : "verdict_ahead", { odds: rivalOdds(first.beats_next) });
}

// Inside a tier all are too close to call, as its line says once.
function isGap(one, next) {
  return next?.rank === one.rank + 1 && (next.tier !== one.tier || !one.too_close_to_call);
}

function figures(one, gap) {
  const { percentile, population } = one.score.share;
  return [
    `${say(`place_${population.kind}`, { n: Math.round(percentile.value) })} (${band(percentile)})`,
    gap ? say("ahead", { odds: rivalOdds(one.beats_next) }) : null,
    feelingOf(one.score.emotion),
  ].filter(Boolean).join(" · ");
}
