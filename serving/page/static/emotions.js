// What people feel, as a picture with its doubt drawn in; every row says the same in words.

import { byId, el, svg } from "./dom.js";
import { number, oneOf, say, strength, words } from "./words.js";

const MOST_NAMED = 3;
const CALM = 0.12;
// Below it, the emotion forecast as the strongest is not the one in half of all texts (BENCHMARKS.md).
const FAINT = 0.25;
const EMOTIONS = ["joy", "surprise", "sadness", "anger", "fear", "disgust"];

export function strongest(emotion) {
  return EMOTIONS.filter((name) => emotion[name]).sort((a, b) => emotion[b].value - emotion[a].value);
}

export function feelingOf(emotion) {
  const first = strongest(emotion)[0];
  if (!first) return "";
  const { value } = emotion[first];
  return value < FAINT ? words.feeling_little : `${words[first]} ${number(100 * value)}`;
}

// The same in little: several where the leader is too close to call.
export function glanceOf(emotion) {
  const names = leaders(emotion).slice(0, MOST_NAMED);
  return names.length > 1 && emotion[names[0]].value >= FAINT ? names.map((name) => words[name]).join(" / ") : feelingOf(emotion);
}

// Those that may well be the strongest: their bands overlap with the leader's, and they are at
// least three quarters as strong.
export function leaders(emotion) {
  const order = strongest(emotion);
  const first = emotion[order[0]];
  if (!first || first.value < CALM) return order.slice(0, 1);
  return order.filter((name) => emotion[name].high >= first.low && emotion[name].value >= 0.75 * first.value);
}

export function drawEmotions(emotion, measured) {
  const order = strongest(emotion);
  byId("feeling").textContent = headline(emotion);
  byId("band-how").textContent = words[measured ? "band_measured" : "band_unmeasured"];
  byId("emotion-picture").replaceChildren(el("dl", { class: "bars emotions" }, [
    ...row("overall", emotion.overall),
    ...order.flatMap((name) => row(name, emotion[name])),
    ...row("valence", emotion.valence),
    ...row("arousal", emotion.arousal),
  ]));
}

export function headline(emotion) {
  const names = leaders(emotion);
  if (!names.length) return "";
  const { value } = emotion[names[0]];
  if (value < CALM) return words.feeling_calm;
  const lower = (word) => word.toLocaleLowerCase();
  if (names.length > MOST_NAMED) return words[value < FAINT ? "feeling_little" : "feeling_open"];
  if (value < FAINT) return say("feeling_faint", { list: oneOf(names.map((name) => lower(words[name]))) });
  const [first, ...others] = names.map((name) => words[name]);
  if (others.length) return say("feeling_close", { list: oneOf([first, ...others.map(lower)]) });
  return say("feeling", { emotion: lower(first), strength: strength(value) });
}

function row(name, part) {
  if (!part) return [];
  const least = name === "valence" ? -1 : 0;
  const shown = (value) => (least < 0 ? number(value, 2) : number(100 * value));
  const range = say("interval", { low: shown(part.low), high: shown(part.high) });
  const ends = name === "valence" ? "valence" : name === "arousal" ? "arousal" : null;
  return [
    el("dt", { class: name }, words[name]),
    el("dd", { class: name }, [
      interval(part, least, 1, name),
      ends && el("span", { class: "ends" }, [el("span", {}, words[`${ends}_low`]), el("span", {}, words[`${ends}_high`])]),
    ]),
    el("dd", { class: `number ${name}` }, [
      el("b", {}, shown(part.value)), " ", el("span", { class: "range" }, range),
    ]),
  ];
}

// A track with the interval as a band and the forecast as a dot.
export function interval({ value, low, high }, least, most, name = "") {
  const x = (at) => Math.min(100, Math.max(0, (100 * (at - least)) / (most - least)));
  return svg("svg", { height: 24, "aria-hidden": "true", class: "interval" }, [
    svg("rect", { class: "track", x: "0%", y: 6, width: "100%", height: 12, rx: 6 }),
    svg("rect", { class: "band", x: `${x(low)}%`, y: 6, width: `${Math.max(0.5, x(high) - x(low))}%`, height: 12, rx: 6 }),
    least < 0 ? svg("line", { class: "zero", x1: `${x(0)}%`, x2: `${x(0)}%`, y1: 2, y2: 22 }) : null,
    svg("circle", { class: `dot ${name}`, cx: `${x(value)}%`, cy: 12, r: name === "overall" ? 8 : 7 }),
  ]);
}
