// The model room: who reigns, who challenges, what each measured; promote and roll back.

import { byId, el, kept, keep } from "./dom.js";
import { curves, groups, measures } from "./plots.js";
import { RefusedError } from "./refused.js";
import { ask, teller } from "./service.js";
import { date, number, percent, say, words } from "./words.js";

const STANDINGS = ["champion", "challenger", "previous"];
const MAIN = ["mean_pearson", "within_account_spearman", "comparison_accuracy", "coverage_90"];
const tell = teller(byId("status"));
let models = [];
let shown = kept("room", null);
let running = new AbortController();

const kindName = (model) => words[`kind_${model.versions[0]?.kind}`] ?? model.name;

async function load() {
  ({ models } = await ask("/v1/page/room", { tell }));
  if (!models.length) {
    byId("standings").replaceChildren(el("p", { class: "card" }, words.room_empty));
    return;
  }
  const model = models.find((one) => one.name === shown) ?? models[0];
  choose(model);
}

function choose(model) {
  shown = model.name;
  keep("room", shown);
  byId("models").replaceChildren(...models.map((one) => el("button", {
    type: "button", "aria-pressed": String(one === model), onclick: () => choose(one),
  }, named(one))));
  byId("standings").replaceChildren(...STANDINGS.map((standing) => standingCard(model, standing)), others(model));
  const first = model.versions.find((version) => version.standings.includes("champion")) ?? model.versions[0];
  if (first) record(model, first);
}

// Two names of one kind are told apart by the name itself.
function named(model) {
  const same = models.filter((one) => kindName(one) === kindName(model)).length > 1;
  return same ? `${kindName(model)} (${model.name})` : kindName(model);
}

function standingCard(model, standing) {
  const version = model.versions.find((one) => one.standings.includes(standing));
  return el("section", { class: `card standing ${standing}` }, version ? [
    el("h2", {}, words[`standing_${standing}`]),
    ...about(model, version),
  ] : [el("h2", {}, words[`standing_${standing}`]), el("p", { class: "hint" }, words[`no_${standing}`])]);
}

function about(model, version) {
  const metrics = Object.entries(version.metrics).sort(([a], [b]) => rank(a) - rank(b)).slice(0, 4);
  return [
    el("p", {}, [
      el("b", { class: "number" }, say("version_number", { n: version.version })),
      " ", el("span", { class: "hint" }, date(version.created, { dateStyle: "medium" })),
      version.serving ? el("span", { class: "badge" }, words.serving) : "",
    ]),
    version.crowned_by ? crowned(version) : "",
    metrics.length ? el("dl", { class: "figures-list" }, metrics.map(([name, value]) => el("div", {}, [
      el("dt", {}, words[`metric_${name}`] ?? name), el("dd", {}, shownValue(name, value)),
    ]))) : el("p", { class: "hint" }, words.no_metrics),
    el("p", { class: "row" }, [
      el("button", { type: "button", class: "quiet", onclick: () => record(model, version, true) }, [words.details, el("span", { class: "sr" }, ` ${say("version_number", { n: version.version })}`)]),
      act(model, version),
    ].filter(Boolean)),
  ];
}

// Who made a champion one, and what the gate had against it.
function crowned({ crowned_by: who, gate }) {
  const asked = gate.objection ? [words.gate_objected, " ", gate.objection]
    : [who === "person" && !gate.verdict ? words.gate_not_asked : ""];
  return el("p", { class: "hint" }, [words[`crowned_by_${who}`], " ", ...asked]);
}

const rank = (name) => (MAIN.includes(name) ? MAIN.indexOf(name) : MAIN.length);
export const shownValue = (name, value) => (/coverage|accuracy/.test(name) ? percent(value) : number(value, 3));

function act(model, version) {
  if (version.standings.includes("champion")) return null;
  const back = version.standings.includes("previous");
  return el("button", { type: "button", class: back ? "quiet" : "", onclick: () => sure(model, version, back) }, [
    back ? words.rollback : words.promote, el("span", { class: "sr" }, ` ${say("version_number", { n: version.version })}`),
  ]);
}

function others(model) {
  const rest = model.versions.filter((version) => !version.standings.length);
  if (!rest.length) return "";
  return el("details", { class: "card rest" }, [
    el("summary", {}, say("other_versions", { n: rest.length })),
    el("div", { class: "standings" }, rest.map((version) => el("section", {}, about(model, version)))),
  ]);
}

function sure(model, version, back) {
  const dialog = byId("sure");
  byId("sure-title").textContent = say(back ? "sure_back" : "sure_promote", { n: version.version, name: named(model) });
  byId("sure-text").textContent = words.sure_text;
  byId("sure-yes").textContent = back ? words.rollback : words.promote;
  dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue === "yes") move(model, version, back);
  }, { once: true });
  dialog.showModal();
}

async function move(model, version, back) {
  const path = back ? `/v1/page/room/${model.name}/rollback` : `/v1/page/room/${model.name}/${version.version}/promote`;
  tell(words.moving);
  try {
    const answer = await ask(path, { method: "POST", tell });
    await load();
    if (answer.refused) tell(say("moved_refused", { n: answer.version, why: answer.refused }), true);
    else tell(say(answer.serving ? "moved" : "moved_soon", { n: answer.version, name: named(model) }));
  } catch (error) {
    tell(error instanceof RefusedError ? error.message : words.away, true);
  }
}

async function record(model, version, jump = false) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const path = `/v1/page/room/${model.name}/${version.version}`;
  const answer = await ask(path, { signal, tell }).catch((error) => {
    if (!signal.aborted) tell(error.message, true);
    return null;
  });
  if (!answer || signal.aborted) return;
  byId("record").hidden = false;
  byId("record-title").textContent = `${named(model)}, ${say("version_number", { n: version.version })}`;
  fill("gate", version.gate.reason, () => {
    byId("gate-text").textContent = version.gate.reason;
  });
  fill("measures", answer.measures.length, (body) => body.replaceChildren(measures(answer.measures)));
  fill("calibration", answer.curves.length, (body) => body.replaceChildren(...curves(answer.curves)));
  byId("groups").replaceChildren(...groups(answer.groups));
  fill("figures", answer.figures.length, (body) => body.replaceChildren(...answer.figures.map((name) => picture(path, name))));
  fill("card", answer.card, (body) => cardText(body, answer.card));
  byId("card").open = !answer.measures.length;
  if (jump) byId("record-title").focus();
}

function fill(id, there, draw) {
  byId(id).hidden = !there;
  if (there) draw(byId(id).querySelector(".body"));
}

// The service made this HTML from Markdown with markup turned off.
function cardText(body, html) {
  body.innerHTML = html;
  for (const found of body.querySelectorAll("table")) {
    const box = el("div", { class: "scroll wide", tabindex: "0", role: "group", "aria-label": words.card_table });
    found.replaceWith(box);
    box.append(found);
  }
}

function picture(path, name) {
  const title = name.replace(/\.png$/, "").replaceAll("_", " ");
  return el("figure", {}, [el("img", { src: `${path}/${name}`, alt: title, loading: "lazy" }), el("figcaption", { class: "hint" }, title)]);
}

load().catch((error) => tell(error.message, true));
