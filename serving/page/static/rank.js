import { ask, byId, element, noteText, number, odds, say, setting, showNotes, showVersions, words } from "./common.js";
import { place } from "./pictures.js";

const form = byId("drafts");
const box = byId("texts");
const most = Number(form.dataset.most);

let running = new AbortController();

function drafts() {
  const blocks = box.value.includes("\n\n") ? box.value.split(/\n\s*\n/) : box.value.split("\n");
  return blocks.map((draft) => draft.trim()).filter(Boolean);
}

function count() {
  const found = drafts().length;
  byId("count").textContent = found ? say("drafts_found", { n: number(found) }) : "";
}

async function rankNow() {
  running.abort();
  const texts = drafts();
  if (texts.length < 2) return tell(words.need_two);
  if (texts.length > most) return tell(say("too_many", { n: number(most) }));
  running = new AbortController();
  const { signal } = running;
  tell(words.waiting);
  try {
    const shared = setting(form);
    const body = { posts: texts.map((text) => ({ text, ...shared })) };
    const answer = await ask("/v1/rank", body, signal, tell);
    if (!signal.aborted) draw(answer, texts);
  } catch (error) {
    if (!signal.aborted) tell(error.message);
  }
}

function tell(message) {
  byId("status").textContent = message;
}

function draw(answer, texts) {
  tell("");
  const tiers = Map.groupBy(answer.candidates, (candidate) => candidate.tier);
  byId("places").replaceChildren(...[...tiers].map(([tier, list]) => drawTier(tier, list, texts)));
  showNotes(byId("warnings"), warnings(answer));
  showVersions(answer.candidates[0].score.models);
  byId("welcome").hidden = true;
  byId("ranking").hidden = false;
}

function drawTier(tier, candidates, texts) {
  const close = tier !== null && candidates.length > 1 ? ` · ${words.close}` : "";
  const title = tier === null ? words.unscored : say("tier", { n: tier }) + close;
  return element("div", { class: "tier" }, [
    element("h3", {}, [title]),
    element("ol", {}, candidates.map((candidate) => drawPlace(candidate, texts))),
  ]);
}

function drawPlace(candidate, texts) {
  return element("li", {}, [
    element("span", { class: "place" }, [candidate.rank === null ? "–" : String(candidate.rank)]),
    element("span", { class: "draft" }, [texts[candidate.index]]),
    element("span", { class: "figures" }, figures(candidate)),
  ]);
}

function figures(candidate) {
  if (candidate.rank === null) return [noteText(candidate.score.reason)];
  const { percentile, population } = candidate.score.share;
  const parts = [
    place(percentile, 30),
    say(`percentile_${population.kind}`, { value: number(percentile.value) }),
    say("best", { n: number(100 * candidate.best) }),
  ];
  if (candidate.beats_next !== null) parts.push(say("ahead", { odds: odds(candidate.beats_next) }));
  return parts.map((part) => (typeof part === "string" ? element("span", {}, [part]) : part));
}

// Said once, however many drafts they are true of.
function warnings(answer) {
  const notes = [...answer.warnings, ...answer.candidates.flatMap((candidate) => candidate.score.warnings)];
  return [...new Map(notes.map((note) => [note.code, note])).values()];
}

box.addEventListener("input", count);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  rankNow();
});
count();
