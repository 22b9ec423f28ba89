// Two candidates side by side, with the odds that one beats the other.

import { wholeCoverage } from "./coverage.js";
import { byId, el } from "./dom.js";
import { interval, strongest } from "./emotions.js";
import { ask } from "./service.js";
import { differences } from "./wording.js";
import { band, number, rivalOdds, say, words } from "./words.js";

let running = new AbortController();

export async function comparePair(picked) {
  running.abort();
  byId("pair").hidden = picked.length !== 2;
  if (picked.length !== 2) return;
  running = new AbortController();
  const { signal } = running;
  byId("pair-said").textContent = words.waiting;
  draw(picked);
  const body = { posts: picked.map(({ item }) => item.post) };
  const answer = await ask("/v1/rank", { body, signal }).catch(() => null);
  if (answer && !signal.aborted) byId("pair-said").textContent = said(answer, picked);
}

function said(answer, picked) {
  const [first, second] = answer.candidates;
  const name = (candidate) => picked[candidate.index].one.rank;
  const values = { first: name(first), second: name(second), odds: rivalOdds(first.beats_next ?? 0.5) };
  return say(first.too_close_to_call ? "pair_close" : "pair_ahead", values);
}

function draw(picked) {
  const bounds = picked.flatMap(({ one }) => [one.score.share.score.low, one.score.share.score.high]);
  const [least, most] = [Math.min(...bounds), Math.max(...bounds)];
  const parts = differences(...picked.map(({ item }) => item.post.text));
  byId("pair-body").replaceChildren(
    el("p", { class: "hint" }, wholeCoverage(picked)),
    el("div", { class: "pair" }, picked.map((side, at) => column(side, parts[at], least, most))),
  );
}

function column({ one, labels }, parts, least, most) {
  const { share, emotion } = one.score;
  const emotions = strongest(emotion).slice(0, 3);
  return el("div", {}, [
    el("h3", {}, say("number", { n: one.rank })),
    el("p", { class: "labels" }, labels.map((label) => el("span", {}, label))),
    el("p", { class: "marked" }, parts.map(([part, own]) => (own ? el("mark", { class: "own" }, part) : part))),
    el("dl", { class: "bars" }, [
      ...row(words.share_potential, interval(share.score, least, most), share.percentile),
      ...row(words.overall, interval(emotion.overall, 0, 1), emotion.overall, 100),
      ...emotions.flatMap((name) => row(words[name], interval(emotion[name], 0, 1), emotion[name], 100)),
    ]),
  ]);
}

function row(title, picture, forecast, times = 1) {
  return [el("dt", {}, title), el("dd", {}, picture), el("dd", { class: "number" }, [
    el("b", {}, number(times * forecast.value)), " ", el("span", { class: "range" }, band(forecast, times)),
  ])];
}
