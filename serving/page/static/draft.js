// The draft desk: scores follow the typing, older answers are dropped, nothing typed is lost.

import { announce, byId } from "./dom.js";
import { fill, knownAccounts, restore, setting, valuesOf, watch } from "./fields.js";
import { drawEmotions, glanceOf } from "./emotions.js";
import { clearFaults, faultsOf, nameOf, showFault } from "./faults.js";
import { lazily } from "./lazy.js";
import { drawNearest } from "./nearest.js";
import { emotionMeasured, notes, shareMeasured, withWay } from "./notes.js";
import { drawPhrases } from "./phrases.js";
import { absentFrom, drawReasons } from "./reasons.js";
import { ask, teller } from "./service.js";
import { drawShare } from "./strip.js";
import { Versions } from "./versions.js";
import { drawWeek } from "./week.js";
import { localMinute, odds, say, words } from "./words.js";

const PATIENCE = 300;
const SLOW = 1000;
const form = byId("draft");
const text = byId("text");
const answers = byId("answers");
const status = teller(byId("status"));
let timer;
let overdue;
let running = new AbortController();

const post = () => ({ text: text.value, ...setting(form) });
const versions = new Versions(text, () => { changed(); scoreNow(); }, () => setting(form));
const cards = [
  lazily("phrases", explain, drawPhrases),
  lazily("when", (signal) => ask("/v1/when", { body: post(), signal }), (body, answer) => drawWeek(body, answer, plan)),
  lazily("similar", (signal) => ask("/v1/similar", { body: post(), signal }), drawNearest,
    () => Boolean(setting(form).account_id && setting(form).platform)),
];

async function explain(signal) {
  const body = post();
  return { ...await ask("/v1/explain", { body, signal }), text: body.text };
}

function settle() {
  byId("count").textContent = text.value ? `${say("characters", { n: [...text.value].length })} ·` : "";
  announce(byId("full"), text.value.length < text.maxLength ? "" : say("draft_full", { n: text.maxLength }));
}

function tell(said, trouble = false) {
  status(said, trouble);
  if (trouble) older();
}

// From the first new letter on, what stands there is about an older text: paler, and said so where
// no answer to the new one comes soon.
function older() {
  answers.classList.add("older");
  byId("older").hidden = answers.querySelector(".answers > :is(#answer, #refusal):not([hidden])") === null;
  byId("glance").hidden = true;
}

function current() {
  clearTimeout(overdue);
  answers.classList.remove("older");
  answers.removeAttribute("aria-busy");
  byId("older").hidden = true;
}

function later() {
  settle();
  answers.setAttribute("aria-busy", "true");
  versions.keep();
  for (const card of cards) card.stop();
  clearTimeout(timer);
  timer = setTimeout(scoreNow, PATIENCE);
}

async function scoreNow() {
  clearTimeout(timer);
  running.abort();
  if (!text.value.trim()) return rest();
  running = new AbortController();
  const { signal } = running;
  answers.setAttribute("aria-busy", "true");
  clearTimeout(overdue);
  overdue = setTimeout(older, SLOW);
  clearFaults(form);
  try {
    const answer = await ask("/v1/score", { body: post(), signal, tell });
    if (!signal.aborted) await draw(answer, signal);
  } catch (error) {
    if (signal.aborted) return;
    answers.removeAttribute("aria-busy");
    fail(error);
  }
}

function fail(error) {
  const faults = faultsOf(form, error);
  tell(faults.length ? say("field_see", { name: nameOf(faults[0].field) }) : error.message, true);
  faults.forEach(showFault);
}

function rest() {
  tell("");
  current();
  clearFaults(form);
  byId("know").hidden = true;
  show("welcome");
  versions.compare();
}

function show(which) {
  for (const id of ["welcome", "refusal", "answer"]) byId(id).hidden = id !== which;
  byId("glance").hidden = which !== "answer";
}

async function draw(answer, signal) {
  tell("");
  byId("versions").textContent = say("versions", { emotion: answer.models.emotion.version, share: answer.models.share.version });
  const told = answer.status === "ok" ? await drawScore(answer, signal) : refuse(answer.reason);
  if (signal.aborted) return;
  byId("notes").replaceChildren(...notes(answer.warnings, form));
  byId("know").hidden = !answer.warnings.length;
  current();
  versions.compare();
  announce(byId("heard"), told);
}

function refuse(reason) {
  byId("refusal-text").replaceChildren(...withWay(reason, form));
  show("refusal");
  return `${words.refused} ${byId("refusal-text").textContent}`;
}

async function drawScore(answer, signal) {
  const sentence = await drawShare(answer.share, shareMeasured(answer), setting(form), signal);
  if (signal.aborted) return "";
  drawEmotions(answer.emotion, emotionMeasured(answer));
  byId("reasons").replaceChildren(...drawReasons(answer.reasons, absentFrom(setting(form), answer.warnings)));
  const chance = answer.share.beats_median;
  byId("glance-odds").textContent = chance === null
    ? say("place_short", { n: Math.round(answer.share.percentile.value) }) : say("odds_short", { odds: odds(chance) });
  byId("glance-feeling").textContent = glanceOf(answer.emotion);
  show("answer");
  for (const card of cards) card.due();
  return `${sentence} ${byId("feeling").textContent}`;
}

function plan(at) {
  form.elements.published_at.value = localMinute(at);
  form.elements.published_at.focus();
  changed();
}

const changed = () => form.dispatchEvent(new Event("input", { bubbles: true }));
form.addEventListener("input", later);
form.addEventListener("submit", (event) => { event.preventDefault(); scoreNow(); });
byId("clear").addEventListener("click", () => {
  const fields = valuesOf(form);
  versions.clear(() => fill(form, fields));
  form.reset();
  text.focus();
  changed();
});
for (const sample of document.querySelectorAll(".sample")) {
  sample.addEventListener("click", () => { text.value = sample.textContent; text.focus(); later(); });
}
restore(form, "draft");
watch(form, "draft");
versions.show();
settle();
scoreNow();
knownAccounts(form);
