import { ask, byId, noteText, number, odds, say, setting, showNotes, showVersions, words } from "./common.js";
import { emotions, place, reasons } from "./pictures.js";

const form = byId("draft");
const text = byId("text");
const status = byId("status");
const PATIENCE = 350;

let timer;
let running = new AbortController();

function later() {
  byId("count").textContent = text.value ? say("characters", { n: number([...text.value].length) }) : "";
  clearTimeout(timer);
  timer = setTimeout(scoreNow, PATIENCE);
}

async function scoreNow() {
  clearTimeout(timer);
  running.abort();
  if (!text.value.trim()) {
    show("welcome");
    status.textContent = "";
    return;
  }
  running = new AbortController();
  const { signal } = running;
  const slow = setTimeout(() => { status.textContent = words.waiting; }, 600);
  try {
    const post = { text: text.value, ...setting(form) };
    const answer = await ask("/v1/score", post, signal, tell);
    if (!signal.aborted) draw(answer);
  } catch (error) {
    if (!signal.aborted) tell(error.message);
  } finally {
    clearTimeout(slow);
  }
}

function tell(message) {
  status.textContent = message;
}

function show(which) {
  for (const id of ["welcome", "refusal", "answer"]) byId(id).hidden = id !== which;
}

function draw(answer) {
  status.textContent = "";
  showVersions(answer.models);
  if (answer.status === "abstained") {
    byId("refusal-title").textContent = words.refused;
    byId("refusal-text").textContent = noteText(answer.reason);
    show("refusal");
    return;
  }
  drawShare(answer.share);
  byId("reasons").replaceChildren(reasons(answer.reasons));
  byId("emotion-picture").replaceChildren(emotions(answer.emotion));
  showNotes(byId("warnings"), answer.warnings);
  show("answer");
}

function drawShare(share) {
  const { percentile, population, expected_shares: expected, beats_median: chance } = share;
  byId("odds").textContent = chance === null ? "" : say("odds", { odds: odds(chance) });
  byId("share-picture").replaceChildren(place(percentile));
  const facts = [
    `${say(`percentile_${population.kind}`, { value: number(percentile.value) })}.`,
    say("percentile_range", { low: number(percentile.low), high: number(percentile.high) }),
    say(`population_${population.kind}`, { size: number(population.size) }),
  ];
  if (expected) {
    facts.push(say("expected", {
      value: number(expected.value), low: number(expected.low), high: number(expected.high),
    }));
  }
  byId("share-text").textContent = facts.join(" ");
}

form.addEventListener("input", later);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  scoreNow();
});
if (text.value) later();
